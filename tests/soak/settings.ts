import { readArguments } from '@unity-purchase/tools';
import { numberOption, runMinutes, seedOption } from '../system/number-option.js';

/** The settings of a run. */
export type Settings = { minutes: number; seed: number };

/** Parses the command's flags. Without a seed it chooses one. @throws UsageError for an unknown flag or an invalid value */
export function readSettings(args: readonly string[]): Settings {
  const { values } = readArguments('test:soak', args);
  return { minutes: numberOption('minutes', values.minutes, runMinutes), seed: seedOption(values.seed) };
}

/** The command that repeats the run. */
export function commandFor({ minutes, seed }: Settings): string {
  return `npm run test:soak -- --minutes ${minutes} --seed ${seed}`;
}
