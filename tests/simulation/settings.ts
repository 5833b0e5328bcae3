import { readArguments, UsageError } from '@unity-purchase/tools';
import { numberOption, runMinutes, seedOption } from '../system/number-option.js';

/** How much to simulate: a number of schedules, or as many as fit into a time. */
export type Settings = { firstSeed: number; all: boolean } & ({ schedules: number } | { minutes: number });

const schedulesDefault = 20_000;
const scheduleCounts = { min: 1, max: 1_000_000_000, isWhole: true };

/** Parses the command's options. Without a seed it chooses one. @throws UsageError for an invalid value */
export function readSettings(args: readonly string[]): Settings {
  const { values } = readArguments('test:simulation', args);
  const { minutes, schedules, seed, all = false } = values;
  if (minutes !== undefined && schedules !== undefined)
    throw new UsageError('--minutes and --schedules exclude each other');
  const firstSeed = seedOption(seed);
  if (minutes !== undefined) return { firstSeed, all, minutes: numberOption('minutes', minutes, runMinutes) };
  const count =
    schedules === undefined ? schedulesDefault : numberOption('schedules', schedules, scheduleCounts);
  return { firstSeed, all, schedules: count };
}
