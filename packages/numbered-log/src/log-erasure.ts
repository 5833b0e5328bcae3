import type { LogDefinition } from './log-definition.js';
import { isLate, type LateMarkers } from './late-markers.js';
import { LogUnavailableError } from './log-errors.js';
import type { RecordedEntry } from './log-page.js';
import { scanRange } from './log-scan.js';
import type { LogStore } from './log-store.js';
import { clockDifferenceMaxMs } from './log-view.js';
import { noTotals } from './running-totals.js';
import { encodeSegment, type Segment } from './segment.js';
import { lineageAfter, newAttempt } from './segment-lineage.js';
import type { SegmentReader } from './segment-reader.js';

/** The log to erase, completely or in part. */
export type ErasableLog<Entry> = {
  store: LogStore;
  reader: SegmentReader<Entry>;
  markers: LateMarkers;
  definition: LogDefinition<Entry>;
};

/** Whether an entry happened before an erasure, whose time is in milliseconds since the epoch. It is not recorded again. */
export function isErased<Entry>(
  { happenedAtMsOf }: LogDefinition<Entry>,
  entry: Entry,
  erasedMs: number,
): boolean {
  return happenedAtMsOf(entry) <= erasedMs;
}

/** Whether to erase an entry, by when it was recorded and by the number of its segment. */
export type IsToErase<Entry> = (entry: Entry, at: { recordedAt: string; segment: number }) => boolean;

/** Concurrent writers win the race for a number at most this often in a row. */
const attemptsMax = 100;

/**
 * Replaces the entries to erase in some segments with `null`. Segment numbers, positions and running totals stay.
 * Returns the number of erased entries. If it is interrupted, calling it again erases the rest.
 */
export async function eraseEntries<Entry>(
  log: ErasableLog<Entry>,
  segments: AsyncIterable<Segment<Entry>> | Iterable<Segment<Entry>>,
  isToErase: IsToErase<Entry>,
): Promise<number> {
  let count = 0;
  for await (const segment of segments) {
    const at = { recordedAt: segment.recordedAt, segment: segment.number };
    const isErasedNow = (entry: Entry | null) => entry !== null && isToErase(entry, at);
    const matching = segment.entries.filter(isErasedNow).length;
    count += matching;
    if (matching > 0)
      await rewrite(log, segment.number, (current) => ({
        ...current,
        entries: current.entries.map((entry) => (isErasedNow(entry) ? null : entry)),
      }));
  }
  return count;
}

/**
 * Erases all entries and their running totals. First it appends a segment without entries, which marks the erasure. Every
 * other writer loses the race for that number, reads the mark, and refuses entries that happened before it. Returns the
 * number of erased entries. If it is interrupted, calling it again erases the rest, and what is already erased costs a call for
 * each hundred segments.
 *
 * `before` gets the entries, some at a time, before they are erased. If it rejects, they stay.
 */
export async function eraseAll<Entry>(
  log: ErasableLog<Entry>,
  now: Date,
  before: (entries: RecordedEntry<Entry>[]) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const erasure = await appendErasure(log, now);
  let count = 0;
  for await (const segments of scanRange(log.reader, { first: 1, last: erasure - 1 })) {
    const entries = segments.flatMap(recordedEntries);
    if (entries.length > 0) await before(entries);
    count += entries.length;
    for (const segment of segments) {
      if (isEmptied(segment)) continue;
      await removeMarkers(log, segment, now);
      await rewrite(log, segment.number, (current) => ({
        ...current,
        entries: current.entries.map(() => null),
        totals: noTotals,
      }));
    }
  }
  return count;
}

/** Whether nothing is left to erase in a segment. */
function isEmptied({ entries, totals }: Segment<unknown>): boolean {
  return totals.count === 0 && entries.every((entry) => entry === null);
}

/** The entries of a segment that are not erased. */
export function recordedEntries<Entry>({ entries, recordedAt }: Segment<Entry>): RecordedEntry<Entry>[] {
  return entries.flatMap((entry) => (entry === null ? [] : [{ entry, recordedAt }]));
}

/**
 * Removes the markers of a segment's entries before the entries: an interrupted erasure still finds them. Entries that
 * happened after the erasure keep theirs, because they could be appended again.
 */
async function removeMarkers<Entry>(
  { markers, definition }: ErasableLog<Entry>,
  { entries, recordedAt }: Segment<Entry>,
  erasedAt: Date,
): Promise<void> {
  for (const entry of entries)
    if (
      entry !== null &&
      isLate(definition.createdAtMsOf(entry), Date.parse(recordedAt)) &&
      isErased(definition, entry, erasedAt.getTime())
    )
      await markers.remove(definition.idOf(entry));
}

async function appendErasure<Entry>(
  { store, reader, definition }: ErasableLog<Entry>,
  now: Date,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const { lastNumber, segments } = await reader.findTail();
    const last = segments.get(lastNumber);
    const number = lastNumber + 1;
    const lineage = lineageAfter(last, definition);
    // The time of an erasure is exact, even if times decrease because of it. No search misses anything because they decrease
    // by the difference between two clocks: nothing that is recorded is before an erasure.
    const latestMs = Math.max(last === undefined ? -Infinity : Date.parse(last.recordedAt), lineage.erasedMs);
    if (latestMs > now.getTime() + clockDifferenceMaxMs) lineage.irregularTo = lastNumber;
    const erasure = {
      number,
      recordedAt: now.toISOString(),
      attempt: newAttempt(lineage),
      entries: [],
      totals: noTotals,
    };
    const result = await store.createIfAbsent(reader.keyOf(number), encodeSegment(erasure));
    if (result.created) return number;
    const existing = (await reader.read([number])).get(number);
    // The create succeeded and only its response was lost.
    if (existing?.attempt === erasure.attempt) return number;
    if (existing === undefined || attempt === attemptsMax)
      throw new LogUnavailableError('the erasure could not be appended', { cause: result.cause });
  }
}

/** Replaces a segment with what `change` returns. Writes nothing if the segment stays the same. */
export async function rewrite<Entry>(
  { store, reader }: ErasableLog<Entry>,
  number: number,
  change: (segment: Segment<Entry>) => Segment<Entry>,
): Promise<void> {
  await store.update(reader.keyOf(number), (text) => {
    const changed = encodeSegment(change(reader.decode(number, text)));
    return changed === text ? undefined : changed;
  });
}
