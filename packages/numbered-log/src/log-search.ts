import type { RecordedEntry, SegmentRange } from './log-page.js';
import { clockDifferenceMaxMs } from './log-view.js';
import { noTotals, type RunningTotals } from './running-totals.js';
import { isRecordedBefore, type Segment } from './segment.js';
import { range, type SegmentReader, type Tail } from './segment-reader.js';
import { findTimeBoundaries } from './time-boundaries.js';

/** How many of the newest segments are read first, because recent entries are searched for most often. */
export const tailLength = 16;

/** Around the time of the entry, each call reads this many segments. */
const segmentsPerCall = 64;

/** What to search for. */
export type EntryQuery<Entry> = {
  matches: (entry: Entry) => boolean;
  /** When the entry's id was created, in milliseconds since the epoch, or undefined if the id does not tell. */
  createdAtMs: number | undefined;
  /** How many calls may read segments from that time on. */
  readsMax: number;
  /** How many entries to find: with 1, the default, the search ends with the first one. */
  foundMax?: number;
  /** Whether the search has become unnecessary: then it stops reading. */
  isCancelled?: () => boolean;
};

/** The result of a search. `isComplete` is false if it stopped before it had read every segment that may hold an entry to find. */
export type SearchResult<Entry> = {
  found: RecordedEntry<Entry>[];
  isComplete: boolean;
  lastNumber: number;
  totals: RunningTotals;
};

/**
 * Finds entries by the time their ids were created, in a log without late markers. The entry was recorded after that time, apart
 * from the difference between clocks. It is usually in the first segments after it, otherwise in those just before, otherwise
 * in later ones, up to the end of the log. Without a time, the newest segments come first.
 */
export async function searchLog<Entry>(
  reader: SegmentReader<Entry>,
  hint: number,
  { matches, createdAtMs, readsMax, foundMax = 1, isCancelled = () => false }: EntryQuery<Entry>,
): Promise<SearchResult<Entry>> {
  const tail = await reader.findTailFrom(hint, tailLength);
  const log = {
    lastNumber: tail.lastNumber,
    totals: tail.segments.get(tail.lastNumber)?.totals ?? noTotals,
  };
  const found = entriesWhere(tail.segments.values(), matches);
  const isEnough = () => found.length >= foundMax;
  const oldest = tail.segments.get(tail.firstNumber);
  const isTailEnough =
    oldest === undefined ||
    tail.firstNumber === 1 ||
    (createdAtMs !== undefined && isRecordedBefore(oldest, createdAtMs - clockDifferenceMaxMs));
  if (isEnough() || isTailEnough) return { found: found.slice(0, foundMax), isComplete: true, ...log };

  const ranges =
    createdAtMs === undefined
      ? newestFirst(tail.firstNumber, readsMax)
      : await rangesByTime(reader, tail, createdAtMs);
  for (const [reads, { first, last }] of ranges.entries()) {
    if (isCancelled() || reads >= readsMax) return { found, isComplete: false, ...log };
    const segments = await reader.read(range(first, last));
    found.push(...entriesWhere(segments.values(), matches));
    if (isEnough()) break;
  }
  return { found: found.slice(0, foundMax), isComplete: true, ...log };
}

/** The ranges to read for an id without a time, one call each, and one more than may be read if there are as many. */
function newestFirst(tailStart: number, readsMax: number): SegmentRange[] {
  const first = Math.max(1, tailStart - (readsMax + 1) * segmentsPerCall);
  return rangesOf(first, tailStart - 1).reverse();
}

async function rangesByTime<Entry>(
  reader: SegmentReader<Entry>,
  tail: Tail<Entry>,
  createdAtMs: number,
): Promise<SegmentRange[]> {
  const times = [createdAtMs - clockDifferenceMaxMs, createdAtMs];
  const [earliest, likely] = (await findTimeBoundaries(reader, tail, times)).map(({ first }) =>
    Math.min(first, tail.firstNumber),
  ) as [number, number];
  return searchOrder(earliest, likely, tail.firstNumber);
}

/** The ranges to read, one call each: where the entry is most likely, then before that, then after it up to the tail. */
function searchOrder(earliest: number, likely: number, tailStart: number): SegmentRange[] {
  const likelyLast = Math.min(likely + segmentsPerCall, tailStart) - 1;
  return [
    ...rangesOf(likely, likelyLast),
    ...rangesOf(earliest, likely - 1),
    ...rangesOf(likelyLast + 1, tailStart - 1),
  ];
}

/** Divides the segments from `first` to `last` into ranges that one call can read. */
function rangesOf(first: number, last: number): SegmentRange[] {
  return range(1, Math.ceil((last - first + 1) / segmentsPerCall)).map((index) => ({
    first: first + (index - 1) * segmentsPerCall,
    last: Math.min(first + index * segmentsPerCall - 1, last),
  }));
}

function entriesWhere<Entry>(
  segments: Iterable<Segment<Entry>>,
  matches: (entry: Entry) => boolean,
): RecordedEntry<Entry>[] {
  return [...segments].flatMap(({ entries, recordedAt }) =>
    entries.flatMap((entry) => (entry !== null && matches(entry) ? [{ entry, recordedAt }] : [])),
  );
}

/** The first entry that matches, in the order of the segments. */
export function entryWhere<Entry>(
  segments: Iterable<Segment<Entry>>,
  matches: (entry: Entry) => boolean,
): RecordedEntry<Entry> | undefined {
  for (const { entries, recordedAt } of segments) {
    const entry = entries.find((candidate) => candidate !== null && matches(candidate));
    if (entry !== undefined && entry !== null) return { entry, recordedAt };
  }
  return undefined;
}
