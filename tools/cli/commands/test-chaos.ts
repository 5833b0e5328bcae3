import { runScript } from '../run-script.js';

process.exitCode = await runScript('tests/chaos/main.ts', process.argv.slice(2));
