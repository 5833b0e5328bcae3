import { randomUUID } from 'node:crypto';
import type { LogDefinition } from './log-definition.js';
import { scanLog, scanLogBack } from './log-scan.js';
import type { LogStore } from './log-store.js';
import { LogUnavailableError } from './log-writer.js';
import { encodeSegment, isErasure, segmentDecoder, type Segment } from './segment.js';
import type { SegmentReader } from './segment-reader.js';
import { noTotals } from './totals.js';

/** A log that is to be erased, as a whole or in part. */
export type ErasedLog<Entry> = {
  store: LogStore;
  reader: SegmentReader<Entry>;
  definition: LogDefinition<Entry>;
};

/** Others who append at the same time win the race for a number; more often than this in a row they cannot. */
const attemptsMax = 100;

/**
 * Replaces the entries that are chosen by `null`, wherever they stand since a time, and keeps everything else: numbers,
 * places and totals. Gives how many there were. Whatever cuts it off, doing it again erases the rest.
 */
export async function eraseEntries<Entry>(
  log: ErasedLog<Entry>,
  isErased: (entry: Entry) => boolean,
  sinceMs: number,
): Promise<number> {
  let count = 0;
  for await (const segment of scanLogBack(log.reader)) {
    if (Date.parse(segment.recordedAt) < sinceMs) break;
    const chosen = segment.entries.filter((entry) => entry !== null && isErased(entry)).length;
    count += chosen;
    if (chosen > 0)
      await rewrite(log, segment.number, (current) => ({
        ...current,
        entries: current.entries.map((entry) => (entry !== null && isErased(entry) ? null : entry)),
      }));
  }
  return count;
}

/**
 * Erases all entries with the totals they left. First the log gets a segment that says so, under the number that every
 * writer wants next: whoever fails to create it reads it, and does not record what occurred before. Gives how many entries
 * there were. Whatever cuts it off, doing it again erases the rest.
 */
export async function eraseAll<Entry>(log: ErasedLog<Entry>, now: Date): Promise<number> {
  const erasure = await markErasure(log, now);
  let count = 0;
  for await (const segment of scanLog(log.reader)) {
    if (segment.number === erasure) break;
    count += segment.entries.filter((entry) => entry !== null).length;
    if (!isErasure(segment))
      await rewrite(log, segment.number, (current) => ({
        ...current,
        entries: current.entries.map(() => null),
        totals: noTotals,
      }));
  }
  return count;
}

async function markErasure<Entry>({ store, reader }: ErasedLog<Entry>, now: Date): Promise<number> {
  const mark = { recordedAt: now.toISOString(), attempt: randomUUID(), entries: [], totals: noTotals };
  for (let attempt = 1; ; attempt += 1) {
    const number = (await reader.findEnd()).number + 1;
    const result = await store.createIfAbsent(reader.keyOf(number), encodeSegment({ number, ...mark }));
    if (result.created) return number;
    const there = (await reader.read([number])).get(number);
    // Only the answer was lost.
    if (there?.attempt === mark.attempt) return number;
    if (there === undefined || attempt === attemptsMax)
      throw new LogUnavailableError('an erasure could not be marked', { cause: result.cause });
  }
}

/** Exchanges a segment for what `change` makes of it; nothing is written where that makes no difference. */
async function rewrite<Entry>(
  { store, reader, definition }: ErasedLog<Entry>,
  number: number,
  change: (segment: Segment<Entry>) => Segment<Entry>,
): Promise<void> {
  const key = reader.keyOf(number);
  const decode = segmentDecoder(definition);
  await store.update(key, (text) => {
    const changed = encodeSegment(change(decode(key, number, text)));
    return changed === text ? undefined : changed;
  });
}
