import { embeddedPair } from '../../local/pairs.js';
import { requireChoice } from '../../local/runner/choose-resources.js';
import { errorText } from '../../programs/error-text.js';
import { projectRoot } from '../../project-root.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { runCommand } from '../run-command.js';
import { runSystem } from '../run-system.js';

process.exitCode = await runCommand('start', async () => {
  const { values } = readArguments('start', process.argv.slice(2));
  const choice = { ...embeddedPair, ...values };
  await requireChoice(choice, projectRoot).catch((cause: unknown) => {
    throw new UsageError(errorText(cause), { cause });
  });
  return runSystem(choice);
});
