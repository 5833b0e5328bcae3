import { lastNumberAt } from '@unity-purchase/numbered-log';
import { z } from 'zod';

/**
 * How many logs the journal consists of. With a single log, every purchase would race for its next number. Each replica appends only
 * to its own: see `JournalShard`.
 */
export const shardCount = 16;

/** Where an entry of the journal is: in a shard, in this segment or soon after it. It is stored before the entry. */
export const journalPlaceSchema = z.object({
  shard: z
    .int()
    .min(0)
    .max(shardCount - 1),
  segment: z.int().min(1),
});

export type JournalPlace = z.infer<typeof journalPlaceSchema>;

/** Whether an entry at a place can be in a segment of a shard. */
export function isWithin(place: JournalPlace, shard: number, segment: number): boolean {
  return place.shard === shard && place.segment <= segment && segment <= lastNumberAt(place.segment);
}
