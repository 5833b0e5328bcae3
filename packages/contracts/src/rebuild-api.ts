import { z } from 'zod';
import { shopperKeyPattern } from './shopper.js';

/**
 * The path below which histories, journal and topic are compared: `POST …/segments` checks the segments of the journal,
 * `POST …/history` and `POST …/journal` compare all its entries, `POST …/{history,journal}/shoppers` the histories of some
 * shoppers, and `POST …/history/events` some events of the topic.
 */
export const rebuildApiPath = '/api/rebuild';

/** What is compared with the rest, and repaired. */
export const rebuildTargets = ['history', 'journal'] as const;

export type RebuildTarget = (typeof rebuildTargets)[number];

/** The largest number of shoppers, and of events, in one request. */
export const rebuildShoppersMax = 100;
export const rebuildEventsMax = 50;

/** The largest request with events, in bytes. */
export const rebuildEventsBytesMax = 96 * 1024;

const key = z.string().regex(shopperKeyPattern);
const count = z.int().min(0);

/**
 * A difference. In a history, `lacks` is a purchase that the journal or the topic has. In the journal,
 * - `lacks` is a purchase of a history,
 * - `erased` is an entry of a shopper who was erased,
 * - `losing` is an entry with another total than in the history,
 * - `unknown` is an entry of a purchase that no history has,
 * - `stray` is an entry whose place neither the history nor the shopper's index has, so that an erasure would miss it.
 *
 * In either, a segment is `missing`, `unreadable`, or has wrong `totals`.
 */
export const rebuildDifferenceSchema = z.object({
  kind: z.literal('difference'),
  in: z.enum(rebuildTargets),
  difference: z.enum(['lacks', 'erased', 'losing', 'unknown', 'stray', 'missing', 'unreadable', 'totals']),
  /** The shopper key. */
  shopper: key.optional(),
  purchaseId: z.string().optional(),
  /** The log of a damaged segment, and the segment's number. 0 is the log's tail hint. */
  log: z.string().optional(),
  segment: count.optional(),
  /** Whether it was repaired, by this request. */
  repaired: z.boolean(),
});

export type RebuildDifference = z.infer<typeof rebuildDifferenceSchema>;

const countsSchema = z.object({
  /** Entries of the journal. */
  entries: count,
  /** How often a history was compared. A shopper can count more than once in a large shop. */
  shoppers: count,
  /** What is missing and may still be on its way, because it is younger than twenty minutes. It does not count as a difference. */
  recent: count,
  differences: count,
  repaired: count,
});

/** How much was compared, and how many differences were found. */
export type RebuildCounts = z.infer<typeof countsSchema>;

export const rebuildProgressSchema = countsSchema.extend({
  kind: z.literal('progress'),
  /** Where an interrupted comparison can continue, if it has come that far. */
  cursor: z.string().optional(),
});

export type RebuildProgress = z.infer<typeof rebuildProgressSchema>;

/** A line of a comparison. The last one is of the kind `end`; a comparison without it is not complete. */
export const rebuildLineSchema = z.discriminatedUnion('kind', [
  rebuildDifferenceSchema,
  rebuildProgressSchema,
  countsSchema.extend({ kind: z.literal('end') }),
]);

export type RebuildLine = z.infer<typeof rebuildLineSchema>;

/** The shoppers whose histories are compared. */
export const rebuildShoppersSchema = z.strictObject({
  shoppers: z.array(key).min(1).max(rebuildShoppersMax),
});

/** Events as the topic has them, each as JSON text. */
export const rebuildEventsSchema = z.strictObject({
  events: z.array(z.string().max(rebuildEventsBytesMax)).min(1).max(rebuildEventsMax),
});

/** The result for some events: how many are recorded, how many need no history, and the differences. */
export const rebuildEventsAnswerSchema = z.object({
  recorded: count,
  /** Invalid events, what may have been erased, and dead letters that wait or were discarded. They need no history. */
  skipped: count,
  recent: count,
  differences: z.array(rebuildDifferenceSchema),
});

export type RebuildEventsAnswer = z.infer<typeof rebuildEventsAnswerSchema>;
