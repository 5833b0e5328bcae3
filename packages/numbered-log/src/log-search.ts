import type { Totals } from '@unity-purchase/contracts';
import type { Recorded } from './log-page.js';
import { clockDifferenceMaxMs } from './log-view.js';
import type { Segment } from './segment.js';
import { range, type SegmentReader, type Tail } from './segment-reader.js';
import { noTotals } from './totals.js';

/** How much of the end is looked at first: what was recorded lately is what is asked for most. */
export const tailLength = 16;

/** Each round of the search by time reads this many segments for a time, and leaves a sixteenth of the log. */
const probesPerTime = 15;

/** Times that are searched for together share this many segments a round; it stays below what a page reads. */
const probesPerRound = 96;

/** From where the search by time ends, entries are looked through this many segments a call. */
const scanLength = 64;

/**
 * Nothing is recorded longer than this after it came into being: brokers do not keep events that long. Looking further
 * would read a long log to its end for every identity that is not there.
 */
const latenessMaxMs = 14 * 24 * 60 * 60 * 1000;

/** What is looked for: an entry that came into being at `mintedMs`. */
export type Wanted<Entry> = {
  isWanted: (entry: Entry) => boolean;
  mintedMs: number;
  /** How many calls are made at most from where the search by time ends; without it, as many as it takes. */
  scansMax?: number;
  /** Whether it was found elsewhere: then nothing more is read. */
  isOver?: () => boolean;
};

/** What a search came to. `isWhole` is false where it gave up before it had looked everywhere. */
export type Finding<Entry> = {
  found: Recorded<Entry> | undefined;
  isWhole: boolean;
  end: number;
  totals: Totals;
};

/**
 * Finds an entry. One that was minted at T was recorded at T or later, but for the clocks' difference, so it cannot stand
 * before the first segment recorded after T less that. Both places are found in a number of calls that grows with the logarithm
 * of the log's length; the entry stands in the first segment after T, most often, or in between, or further on.
 */
export async function findInLog<Entry>(
  reader: SegmentReader<Entry>,
  hint: number,
  { isWanted, mintedMs, scansMax = Infinity, isOver = () => false }: Wanted<Entry>,
): Promise<Finding<Entry>> {
  const notBeforeMs = mintedMs - clockDifferenceMaxMs;
  const tail = await reader.findTail(hint, tailLength);
  const log = { end: tail.number, totals: tail.segments.get(tail.number)?.totals ?? noTotals };
  const inTail = pick(tail.segments.values(), isWanted);
  const oldest = tail.segments.get(tail.first);
  if (inTail !== undefined || oldest === undefined || tail.first === 1 || isBefore(oldest, notBeforeMs))
    return { found: inTail, isWhole: true, ...log };

  const [earliest, likely] = (await findMoments(reader, tail, [notBeforeMs, mintedMs])).map(({ first }) =>
    Math.min(first, tail.first),
  ) as [number, number];
  const likelyEnd = Math.min(likely + scanLength, tail.first) - 1;
  const runs = [
    ...runsOf(likely, likelyEnd),
    ...runsOf(earliest, likely - 1),
    ...runsOf(likelyEnd + 1, tail.first - 1),
  ];
  let tooLateFrom = Infinity;
  for (const [scans, run] of runs.entries()) {
    if (run.first >= tooLateFrom) continue;
    if (isOver() || scans >= scansMax) return { found: undefined, isWhole: false, ...log };
    const segments = await reader.read(range(run.first, run.last));
    const found = pick(segments.values(), isWanted);
    if (found !== undefined) return { found, isWhole: true, ...log };
    const last = segments.get(run.last);
    if (last !== undefined && !isBefore(last, mintedMs + latenessMaxMs)) tooLateFrom = run.last;
  }
  return { found: undefined, isWhole: true, ...log };
}

/** Where a log stands at a time: the number of the first segment not recorded before it, and the segment before that. */
export type Moment<Entry> = { first: number; before: Segment<Entry> | undefined };

/**
 * Finds where a log stands at several times, in a number of calls that grows with the logarithm of its length, and hardly with
 * the number of times: they are searched for together. The times in a log do not decrease, but for the clocks' difference.
 */
export async function findMoments<Entry>(
  reader: SegmentReader<Entry>,
  tail: Tail<Entry>,
  timesMs: readonly number[],
): Promise<Moment<Entry>[]> {
  const known = new Map(tail.segments);
  // Between the two: the last number known to be before the time, and the first known not to be.
  const searches = timesMs.map((timeMs) => {
    const inTail = range(tail.first, tail.number).find((number) => !isKnownBefore(known, number, timeMs));
    const notBefore = inTail ?? tail.number + 1;
    return { timeMs, notBefore, before: notBefore > tail.first ? notBefore - 1 : 0 };
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

/** The numbers to look at next, ascending; those who look in one place put theirs together. */
function probesFor(open: readonly { before: number; notBefore: number }[]): number[] {
  const each = Math.max(1, Math.min(probesPerTime, Math.floor(probesPerRound / open.length)));
  const places = new Map<string, { before: number; notBefore: number; count: number }>();
  for (const { before, notBefore } of open) {
    const place = `${before} ${notBefore}`;
    places.set(place, { before, notBefore, count: (places.get(place)?.count ?? 0) + each });
  }
  const probes = [...places.values()].flatMap(({ before, notBefore, count }) => {
    const step = Math.max(1, Math.ceil((notBefore - before) / (count + 1)));
    return range(1, Math.floor((notBefore - before - 1) / step)).map((index) => before + index * step);
  });
  return probes.sort((one, other) => one - other);
}

/** What is missing was not there yet. */
function isKnownBefore<Entry>(
  segments: ReadonlyMap<number, Segment<Entry>>,
  number: number,
  timeMs: number,
): boolean {
  const segment = segments.get(number);
  return segment !== undefined && isBefore(segment, timeMs);
}

function isBefore<Entry>(segment: Segment<Entry>, timeMs: number): boolean {
  return Date.parse(segment.recordedAt) < timeMs;
}

/** The numbers from `first` to `last` in runs that one call reads. */
function runsOf(first: number, last: number): { first: number; last: number }[] {
  return range(1, Math.ceil((last - first + 1) / scanLength)).map((index) => ({
    first: first + (index - 1) * scanLength,
    last: Math.min(first + index * scanLength - 1, last),
  }));
}

function pick<Entry>(
  segments: Iterable<Segment<Entry>>,
  isWanted: (entry: Entry) => boolean,
): Recorded<Entry> | undefined {
  for (const { entries, recordedAt } of segments) {
    const entry = entries.find((candidate) => candidate !== null && isWanted(candidate));
    if (entry !== undefined && entry !== null) return { entry, recordedAt };
  }
  return undefined;
}
