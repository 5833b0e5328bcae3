import { runScript } from './run-script.js';

process.exitCode = await runScript('e2e/src/test-api.ts', process.argv.slice(2));
