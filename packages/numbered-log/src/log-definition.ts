import type { Money } from '@unity-purchase/contracts';
import type { z } from 'zod';

/** What a log must know about its entries. */
export type LogDefinition<Entry> = {
  /** Reads an entry back from the store. */
  schema: z.ZodType<Entry>;
  /** What makes an entry this entry: one that comes again under the same identity is a repeat. */
  identityOf: (entry: Entry) => string;
  /** Two entries of one identity and different fingerprints contradict each other. */
  fingerprintOf: (entry: Entry) => string;
  /** When the identity came into being, in milliseconds since the epoch: it cannot have been appended before. */
  mintedMsOf: (entry: Entry) => number;
  /** When that occurred which the entry tells of: an erasure covers what occurred before it, however late it comes. */
  occurredMsOf: (entry: Entry) => number;
  /** What it adds to the sums of the log, if it is about money at all. */
  amountOf: (entry: Entry) => Money | undefined;
  /** How long a writer remembers what was recorded, in milliseconds; what is older it reads again if it must. */
  keptMs: number;
  /**
   * `found`: a repeat is found wherever it stands in the log. `tolerated`: only among what is in memory, which saves
   * reading the log back; its readers drop repeats.
   */
  repeats: 'found' | 'tolerated';
};
