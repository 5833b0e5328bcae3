import { isRecordedBefore, type Segment } from './segment.js';
import { range, type SegmentReader, type Tail } from './segment-reader.js';

/** Each round of the search reads this many segments for a time, which leaves a sixteenth of the log. */
const probesPerTime = 15;

/** Upper bound for the segments that a round reads for all times together; a page reads more than that. */
const probesPerRound = 96;

/** The number of the first segment that was recorded at or after a time, and the segment before it. */
export type TimeBoundary<Entry> = { first: number; before: Segment<Entry> | undefined };

/** The state of a search: the last number known to be before the time, and the first known not to be. */
type OpenInterval = { before: number; notBefore: number };

/**
 * Finds the boundaries of several times. The number of calls grows with the logarithm of the log's length and hardly with
 * the number of times, because they are searched together. Times before the whole log take none if `tail` has its first segment.
 * It relies on the times in a log never decreasing, apart from
 * differences between clocks.
 */
export async function findTimeBoundaries<Entry>(
  reader: SegmentReader<Entry>,
  tail: Tail<Entry>,
  timesMs: readonly number[],
): Promise<TimeBoundary<Entry>[]> {
  const known = new Map(tail.segments);
  const searches = timesMs.map((timeMs) => {
    const inTail = range(tail.firstNumber, tail.lastNumber).find(
      (number) => !isKnownBefore(known, number, timeMs),
    );
    const notBefore = inTail ?? tail.lastNumber + 1;
    if (notBefore > tail.firstNumber) return { timeMs, notBefore, before: notBefore - 1 };
    const first = known.get(1);
    if (first === undefined) return { timeMs, before: 0, notBefore };
    return isRecordedBefore(first, timeMs)
      ? { timeMs, before: 1, notBefore }
      : { timeMs, before: 0, notBefore: 1 };
  });
  for (;;) {
    const open = searches.filter(({ before, notBefore }) => notBefore - before > 1);
    if (open.length === 0) break;
    const probes = probesFor(open);
    for (const [number, segment] of await reader.read(probes)) known.set(number, segment);
    for (const search of open)
      for (const number of probes) {
        if (number <= search.before || number >= search.notBefore) continue;
        if (isKnownBefore(known, number, search.timeMs)) search.before = number;
        else search.notBefore = number;
      }
  }
  return searches.map(({ before, notBefore }) => ({ first: notBefore, before: known.get(before) }));
}

/** The segment numbers to read next, ascending. Searches in the same interval share their probes. */
function probesFor(open: readonly OpenInterval[]): number[] {
  const perSearch = Math.max(1, Math.min(probesPerTime, Math.floor(probesPerRound / open.length)));
  const intervals = new Map<string, OpenInterval & { count: number }>();
  for (const { before, notBefore } of open) {
    const key = `${before} ${notBefore}`;
    intervals.set(key, { before, notBefore, count: (intervals.get(key)?.count ?? 0) + perSearch });
  }
  const probes = [...intervals.values()].flatMap(({ before, notBefore, count }) => {
    const step = Math.max(1, Math.ceil((notBefore - before) / (count + 1)));
    return range(1, Math.floor((notBefore - before - 1) / step)).map((index) => before + index * step);
  });
  return probes.sort((one, other) => one - other);
}

/** A segment that the read did not return was created after it, so it counts as not before the time. */
function isKnownBefore<Entry>(
  segments: ReadonlyMap<number, Segment<Entry>>,
  number: number,
  timeMs: number,
): boolean {
  const segment = segments.get(number);
  return segment !== undefined && isRecordedBefore(segment, timeMs);
}
