import { randomInt } from 'node:crypto';
import { readArguments } from '@unity-purchase/tools';

/** How much to simulate: a number of schedules, or as many as fit into a time. */
export type Settings = { firstSeed: number; all: boolean } & ({ schedules: number } | { minutes: number });

const schedulesDefault = 20_000;
const schedulesMax = 1_000_000_000;
const minutesMax = 24 * 60;
const seedMax = 2 ** 31;

/** Parses the command's options. Without a seed it chooses one. @throws Error for an invalid value */
export function readSettings(args: readonly string[]): Settings {
  const { values } = readArguments('test:simulation', args);
  const { minutes, schedules, seed, all = false } = values;
  if (minutes !== undefined && schedules !== undefined)
    throw new Error('--minutes and --schedules exclude each other');
  const firstSeed = seed === undefined ? randomInt(seedMax) : numberFrom('seed', seed, 0, seedMax);
  if (minutes !== undefined)
    return { firstSeed, all, minutes: numberFrom('minutes', minutes, 0.1, minutesMax) };
  const count =
    schedules === undefined ? schedulesDefault : numberFrom('schedules', schedules, 1, schedulesMax);
  return { firstSeed, all, schedules: count };
}

function numberFrom(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  const isWhole = name === 'minutes' || Number.isInteger(value);
  if (text.trim() === '' || !isWhole || !(value >= min && value <= max))
    throw new Error(`--${name} takes a number from ${min} to ${max}, not "${text}"`);
  return value;
}
