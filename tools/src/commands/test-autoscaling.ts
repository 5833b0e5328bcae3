import { runScript } from './run-script.js';

process.exitCode = await runScript('k8s/tests/src/autoscaling/main.ts', process.argv.slice(2));
