import { runScript } from './run-script.js';

process.exitCode = await runScript('e2e/src/chaos/main.ts', process.argv.slice(2));
