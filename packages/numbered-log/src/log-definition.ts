import type { z } from 'zod';
import type { Amount } from './running-totals.js';

/** What a log needs to know about its entries. */
export type LogDefinition<Entry> = {
  /** Parses an entry that was read from the store. */
  schema: z.ZodType<Entry>;
  /** The id of an entry. A second entry with the same id is a duplicate or a conflict. */
  idOf: (entry: Entry) => string;
  /** Equal for entries with the same content. The same id with another fingerprint is a conflict. */
  fingerprintOf: (entry: Entry) => string;
  /**
   * When the id was created, in milliseconds since the epoch, or undefined if the id does not tell. An entry is cheapest if it
   * is recorded soon after that time. Whatever the time is, the entry is recorded once.
   */
  createdAtMsOf: (entry: Entry) => number | undefined;
  /** When the event happened, in milliseconds since the epoch. An erasure refuses earlier events even if they arrive later. */
  happenedAtMsOf: (entry: Entry) => number;
  /** The amount that the entry adds to the running totals, if it has one. */
  amountOf: (entry: Entry) => Amount | undefined;
  /** The kind of an entry, if the running totals count each kind, so that pages of one kind can be read: see kind-page.ts. */
  kindOf?: (entry: Entry) => string;
  /** Accepts the units of amounts. A stored sum in another unit means that the segment is damaged. Default: any text. */
  unitSchema?: z.ZodString;
  /** How long a writer remembers recorded ids at most, in milliseconds. It reads others from the store if it needs them. */
  rememberedMs: number;
  /**
   * `detected`: a duplicate is found anywhere in the log. `tolerated`: it is found only in the writer's memory, which saves
   * reads; readers have to drop duplicates. `unchecked`: nothing is looked for. Use it if another process can erase single
   * entries that come back later, because a writer would still remember them.
   */
  duplicates: 'detected' | 'tolerated' | 'unchecked';
  /** Whether every entry is appended at a place that was stored elsewhere before: see places.ts. */
  isPlaced?: boolean;
};
