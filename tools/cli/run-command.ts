import { errorText } from '../programs/error-text.js';
import { commands, type Command } from './command-table.js';
import { exitCodes } from './exit-codes.js';
import { helpText } from './help-text.js';
import { UsageError, type CommandName } from './read-arguments.js';

/**
 * Runs a command and resolves to its exit code: what `work` returns, or 0. When `work` rejects, it prints the message: 64 and
 * the command's help after a UsageError, 1 after any other error.
 */
export async function runCommand(
  name: CommandName,
  work: () => Promise<number> | Promise<void>,
): Promise<number> {
  try {
    return (await work()) ?? 0;
  } catch (error) {
    console.error(errorText(error));
    if (!(error instanceof UsageError)) return exitCodes.failed;
    const command: Command = commands[name];
    console.error(`\n${helpText(name, command)}`);
    return exitCodes.usageError;
  }
}
