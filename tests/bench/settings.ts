import { parseArgs } from 'node:util';
import { z } from 'zod';

/** How much is measured. */
export type Settings = {
  /** How often each figure is taken, on both sides in turn. */
  rounds: number;
  /** How long purchases are accepted for one figure. */
  seconds: number;
  /** How many events wait when a recorder starts. */
  backlog: number;
};

/** So large a backlog that the first seconds, in which new processes are slow, weigh little. */
const full: Settings = { rounds: 3, seconds: 8, backlog: 30_000 };

/** Shows in two minutes that everything works; its figures mean little. */
const quick: Settings = { rounds: 1, seconds: 3, backlog: 2_000 };

const wholeNumber = z.coerce.number().int().positive().optional();
const schema = z.object({ rounds: wholeNumber, seconds: wholeNumber, backlog: wholeNumber });

/** What a command line asks for. `isFull`: nothing in it makes the figures mean less than those that are published. */
export type Request = { settings: Settings; isFull: boolean };

/** @throws for a flag that does not exist, or a value that is not a whole number above zero */
export function readSettings(args: readonly string[]): Request {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      backlog: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const given = schema.safeParse(values);
  if (!given.success) throw new Error('--rounds, --seconds and --backlog take a whole number above zero');
  const base = values.quick ? quick : full;
  const { rounds = base.rounds, seconds = base.seconds, backlog = base.backlog } = given.data;
  const isFull = rounds >= full.rounds && seconds >= full.seconds && backlog >= full.backlog;
  return { settings: { rounds, seconds, backlog }, isFull };
}
