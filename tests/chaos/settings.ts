import { randomInt } from 'node:crypto';
import { embeddedPair, readArguments } from '@unity-purchase/tools';
import { pairName, parsePair, type Pair } from '../conformance/promises.js';

/** The settings of a run. */
export type Settings = { pair: Pair; minutes: number; seed: number };

const seedMax = 2 ** 32 - 1;
const minutesMax = 24 * 60;

/** Parses the command's flags. Without a seed it chooses one. @throws Error for an unknown flag or an invalid value */
export function readSettings(args: readonly string[]): Settings {
  const { values } = readArguments('test:chaos', args);
  const { broker, store } = { ...embeddedPair, ...values };
  return {
    pair: parsePair(`${broker}+${store}`),
    minutes: numberFrom('minutes', values.minutes, 0.1, minutesMax),
    seed: values.seed === undefined ? randomInt(seedMax) : numberFrom('seed', values.seed, 0, seedMax),
  };
}

/** The command that repeats the run. */
export function commandFor({ pair, minutes, seed }: Settings): string {
  const { broker, store } = pair;
  return `npm run test:chaos -- --minutes ${minutes} --seed ${seed} --broker ${broker} --store ${store}`;
}

export function describe(settings: Settings): string {
  return `${pairName(settings.pair)}, ${settings.minutes} minutes, seed ${settings.seed}`;
}

function numberFrom(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max) || (name === 'seed' && !Number.isInteger(value)))
    throw new Error(`--${name} takes a number from ${min} to ${max}, not "${text}"`);
  return value;
}
