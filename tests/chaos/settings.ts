import { embeddedPair, readArguments } from '@unity-purchase/tools';
import { pairName, parsePair, type Pair } from '../conformance/promises.js';
import { numberOption, runMinutes, seedOption } from '../system/number-option.js';

/** The settings of a run. */
export type Settings = { pair: Pair; minutes: number; seed: number };

/** Parses the command's flags. Without a seed it chooses one. @throws Error for an unknown flag or an invalid value */
export function readSettings(args: readonly string[]): Settings {
  const { values } = readArguments('test:chaos', args);
  const { broker, store } = { ...embeddedPair, ...values };
  return {
    pair: parsePair(`${broker}+${store}`),
    minutes: numberOption('minutes', values.minutes, runMinutes),
    seed: seedOption(values.seed),
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
