import { runScript } from '../run-script.js';

process.exitCode = await runScript('tests/e2e/test-api.ts', process.argv.slice(2));
