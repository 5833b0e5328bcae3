import { runScript } from '../run-script.js';

process.exitCode = await runScript('tests/autoscaling/main.ts', process.argv.slice(2));
