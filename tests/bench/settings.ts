import { readArguments } from '@unity-purchase/tools';
import { z } from 'zod';

/** The size of a run. */
export type Settings = {
  /** Rounds per measurement, alternating sides. */
  rounds: number;
  /** Seconds of accepting purchases per measurement. */
  seconds: number;
  /** The backlog when a recorder starts. */
  backlog: number;
  /** At most as many events wait on each of the other pairs. */
  backlogOfOtherPairsMax: number;
};

/** Large enough that the slow first seconds of a new process hardly count. */
const full: Settings = { rounds: 3, seconds: 8, backlog: 30_000, backlogOfOtherPairsMax: 10_000 };

/** Proves within four minutes that the benchmark works; the figures mean little. */
const quick: Settings = { rounds: 1, seconds: 3, backlog: 2_000, backlogOfOtherPairsMax: 500 };

const wholeNumber = z.coerce.number().int().positive().optional();
const schema = z.object({ rounds: wholeNumber, seconds: wholeNumber, backlog: wholeNumber });

const otherKinds = ['profile', 'large', 'replicas'] as const;

type Kind = 'pipelines' | (typeof otherKinds)[number];

/** Settings from a command line. `isFull` means that the run is as large as a published one. */
export type Request = {
  settings: Settings;
  isFull: boolean;
  /**
   * What is measured: how much the pair does, where its processor time goes, what operations cost in large stores, or what several
   * replicas do.
   */
  kind: Kind;
  isQuick: boolean;
};

/** Returns the numbers of the rounds. */
export function roundsOf({ rounds }: Settings): number[] {
  return Array.from({ length: rounds }, (_, index) => index + 1);
}

/** Parses the command's flags. @throws Error for an unknown flag or a value that is not a positive whole number */
export function readSettings(args: readonly string[]): Request {
  const { values } = readArguments('bench', args);
  const given = schema.safeParse(values);
  if (!given.success) throw new Error('--rounds, --seconds and --backlog take a whole number above zero');
  const base = values.quick === true ? quick : full;
  const { rounds = base.rounds, seconds = base.seconds, backlog = base.backlog } = given.data;
  const isFull = rounds >= full.rounds && seconds >= full.seconds && backlog >= full.backlog;
  const [kind = 'pipelines', ...more] = otherKinds.filter((other) => values[other] === true);
  if (more.length > 0) throw new Error('Choose one of --profile, --large and --replicas.');
  return {
    settings: {
      ...{ rounds, seconds, backlog },
      backlogOfOtherPairsMax: Math.min(base.backlogOfOtherPairsMax, backlog),
    },
    isFull,
    kind,
    isQuick: values.quick === true,
  };
}
