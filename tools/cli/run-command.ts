import { errorText } from '../programs/error-text.js';
import { exitCodes } from './exit-codes.js';

/** What a command line asks for, or why it asks for nothing that there is. */
export type ReadCommand = { run: () => Promise<void> } | { problem: string };

/** Does what a command line asks for and gives the exit code; says on standard error how it is used, or what failed. */
export async function runCommand(command: ReadCommand, usage: string): Promise<number> {
  if ('problem' in command) {
    console.error(`${command.problem}\n${usage}`);
    return exitCodes.usageError;
  }
  try {
    await command.run();
    return 0;
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.failed;
  }
}
