import { randomInt } from 'node:crypto';
import { UsageError } from '@unity-purchase/tools';

/** The values that a number may have. */
export type NumberRange = { min: number; max: number; isWhole: boolean };

/** Every seed that a run of random tests can have. */
const seeds: NumberRange = { min: 0, max: 2 ** 31, isWhole: true };

/** The minutes that a run can take. */
export const runMinutes: NumberRange = { min: 0.1, max: 24 * 60, isWhole: false };

/** Reads the value of a command's option. @throws UsageError for anything but a number in the range */
export function numberOption(name: string, text: string, { min, max, isWhole }: NumberRange): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max) || (isWhole && !Number.isInteger(value)))
    throw new UsageError(`--${name} takes a number from ${min} to ${max}, not "${text}"`);
  return value;
}

/** Reads the seed, or chooses one if there is none. @throws UsageError for anything but a seed */
export function seedOption(text: string | undefined): number {
  return text === undefined ? randomInt(seeds.max) : numberOption('seed', text, seeds);
}
