import type { Segment } from './segment.js';
import { range, segmentsPerCall, type SegmentReader, type Tail } from './segment-reader.js';
import { timeProbes, type RecordedMsOf, type TimeBounds } from './time-probes.js';

/** Each round of the search reads at most this many segments for a time. */
const probesPerTime = 40;

/** The first segment that was recorded at or after a time, if it exists, its number, and the segment before it. */
export type TimeBoundary<Entry> = {
  first: number;
  segment: Segment<Entry> | undefined;
  before: Segment<Entry> | undefined;
};

/** A number that a segment has and that never decreases from one segment of a log to the next, such as its time. */
export type Measure<Entry> = (segment: Segment<Entry>) => number;

type TimeSearch = TimeBounds & { timeMs: number };

/** Finds the boundaries of several times: see `findBoundaries`. */
export function findTimeBoundaries<Entry>(
  reader: SegmentReader<Entry>,
  tail: Tail<Entry>,
  timesMs: readonly number[],
): Promise<TimeBoundary<Entry>[]> {
  return findBoundaries(reader, tail, timesMs, ({ recordedAt }) => Date.parse(recordedAt));
}

/**
 * Finds the boundaries of several times, or of other values that a measure has. The number of calls hardly depends on the log's length if it grew evenly; otherwise it
 * grows with the logarithm. It hardly grows with the number of times, because they are searched together. Times before the whole log take none if `tail` has its first segment.
 * It relies on the times in a log never decreasing, apart from
 * differences between clocks.
 */
export async function findBoundaries<Entry>(
  reader: SegmentReader<Entry>,
  tail: Pick<Tail<Entry>, 'firstNumber' | 'lastNumber' | 'segments'>,
  timesMs: readonly number[],
  measure: Measure<Entry>,
): Promise<TimeBoundary<Entry>[]> {
  const isKnownBefore = (number: number, timeMs: number) => {
    // A segment that the read did not return was created after it, so it counts as not before the time.
    const segment = known.get(number);
    return segment !== undefined && measure(segment) < timeMs;
  };
  const known = new Map(tail.segments);
  const searches = timesMs.map((timeMs): TimeSearch => {
    const inTail = range(tail.firstNumber, tail.lastNumber).find((number) => !isKnownBefore(number, timeMs));
    const notBefore = inTail ?? tail.lastNumber + 1;
    if (notBefore > tail.firstNumber) return { timeMs, notBefore, before: notBefore - 1 };
    const first = known.get(1);
    if (first === undefined) return { timeMs, before: 0, notBefore };
    return measure(first) < timeMs ? { timeMs, before: 1, notBefore } : { timeMs, before: 0, notBefore: 1 };
  });
  for (;;) {
    const open = searches.filter(({ before, notBefore }) => notBefore - before > 1);
    if (open.length === 0) break;
    const probes = probesFor(open, (number) => {
      const segment = known.get(number);
      return segment && measure(segment);
    });
    for (const [number, segment] of await reader.read(probes)) known.set(number, segment);
    for (const search of open)
      for (const number of probes) {
        if (number <= search.before || number >= search.notBefore) continue;
        if (isKnownBefore(number, search.timeMs)) search.before = number;
        else search.notBefore = number;
      }
  }
  return searches.map(({ before, notBefore }) => ({
    first: notBefore,
    segment: known.get(notBefore),
    before: known.get(before),
  }));
}

/** The segment numbers to read next. Searches between the same bounds share their probes. */
function probesFor(open: readonly TimeSearch[], recordedMsOf: RecordedMsOf): number[] {
  const perTime = Math.max(1, Math.min(probesPerTime, Math.floor(segmentsPerCall / open.length)));
  const together = new Map<string, TimeSearch[]>();
  for (const search of open) {
    const key = `${search.before} ${search.notBefore}`;
    together.set(key, [...(together.get(key) ?? []), search]);
  }
  return [...together.values()].flatMap((searches) => {
    const times = searches.map(({ timeMs }) => timeMs);
    return timeProbes(searches[0] as TimeSearch, times, recordedMsOf, perTime);
  });
}
