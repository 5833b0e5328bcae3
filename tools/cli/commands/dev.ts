import { embeddedPair } from '../../local/pairs.js';
import { runCommand } from '../run-command.js';
import { runSystem } from '../run-system.js';

process.exitCode = await runCommand('dev', () => runSystem(embeddedPair, { restartsOnChange: true }));
