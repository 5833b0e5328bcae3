import { parseArgs, type ParseArgsConfig } from 'node:util';
import { commands } from './command-table.js';

/** A mistake in the arguments of a command. The command ends with 64. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export type CommandName = keyof typeof commands;

type OptionsOf<Name extends CommandName> = (typeof commands)[Name] extends {
  options: infer Options extends NonNullable<ParseArgsConfig['options']>;
}
  ? Options
  : NonNullable<ParseArgsConfig['options']>;

type Parsed<Name extends CommandName> = ReturnType<
  typeof parseArgs<{ options: OptionsOf<Name>; allowPositionals: true }>
>;

/**
 * Reads the arguments of a command with the options in the command table.
 *
 * @throws UsageError for an option that the table does not have, or one without its value
 */
export function readArguments<Name extends CommandName>(name: Name, args: readonly string[]): Parsed<Name> {
  const command = commands[name];
  const options = ('options' in command ? command.options : {}) as OptionsOf<Name>;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
