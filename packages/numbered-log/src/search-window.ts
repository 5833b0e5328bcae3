import { requireSegment, type Segment } from './segment.js';
import type { UnmarkedRange } from './segment-lineage.js';
import { range, segmentsPerCall } from './segment-reader.js';
import { timeProbes, type RecordedMsOf, type TimeBounds } from './time-probes.js';

/** What is known of the log that is searched, and how to read more of it. */
export type SearchedLog<Entry> = {
  lastNumber: number;
  /** The search reads at least up to this segment: see `Lineage`. */
  irregularTo: number;
  /** Two known neighbours of a time, with nothing known in between. */
  boundsOf: (timeMs: number) => TimeBounds;
  recordedMsOf: RecordedMsOf;
  /** Reads segments in one call. */
  read: (numbers: readonly number[]) => Promise<ReadonlyMap<number, Segment<Entry>>>;
};

/** A part of a log by time, in milliseconds since the epoch. It extends to the last irregular segment if that is later. */
export type SearchWindow = { fromMs: number; toMs: number };

/**
 * Yields the segments that were recorded in a window of time and that are not known yet, and a few around it, call by call. It
 * takes at most a logarithmic number of calls to get there, and then one for each 120 segments.
 *
 * @throws DamagedLogError if a segment is missing
 */
export async function* readWindow<Entry>(
  { lastNumber, irregularTo, boundsOf, recordedMsOf, read }: SearchedLog<Entry>,
  { fromMs, toMs }: SearchWindow,
): AsyncGenerator<Segment<Entry>[]> {
  const readAll = async (numbers: readonly number[]) => {
    const segments = await read(numbers);
    return numbers.map((number) => requireSegment(segments, number));
  };
  // The reader may not remember what it read.
  const readMs = new Map<number, number>();
  const timeOf = (number: number) => readMs.get(number) ?? recordedMsOf(number);
  let { before, notBefore } = boundsOf(fromMs);
  while (notBefore - before > segmentsPerCall) {
    const numbers = timeProbes({ before, notBefore }, [fromMs], timeOf, segmentsPerCall - 1);
    const probes = await readAll(numbers);
    yield probes;
    for (const { number, recordedAt } of probes) readMs.set(number, Date.parse(recordedAt));
    for (const { number, recordedAt } of probes) if (Date.parse(recordedAt) < fromMs) before = number;
    notBefore = probes.find(({ number }) => number > before)?.number ?? notBefore;
  }
  const isAfter = (number: number, recordedMs: number) => number > irregularTo && recordedMs > toMs;
  for (let number = before + 1; number <= lastNumber; number += 1) {
    const recordedMs = recordedMsOf(number);
    if (recordedMs !== undefined) {
      if (isAfter(number, recordedMs)) return;
      continue;
    }
    const unknown = range(number, Math.min(number + segmentsPerCall - 1, lastNumber)).filter(
      (each) => recordedMsOf(each) === undefined,
    );
    const segments = await readAll(unknown);
    yield segments;
    const last = segments.at(-1);
    if (last === undefined || isAfter(last.number, Date.parse(last.recordedAt))) return;
    number = last.number;
  }
}

/**
 * Yields the segments in which an entry without a time may have no marker and that are not known yet, call by call. Usually there
 * are none.
 *
 * @throws DamagedLogError if a segment is missing
 */
export async function* readUnmarked<Entry>(
  { recordedMsOf, read }: Pick<SearchedLog<Entry>, 'recordedMsOf' | 'read'>,
  { first, last }: UnmarkedRange,
): AsyncGenerator<Segment<Entry>[]> {
  const unknown = range(first, last).filter((number) => recordedMsOf(number) === undefined);
  for (let index = 0; index < unknown.length; index += segmentsPerCall) {
    const numbers = unknown.slice(index, index + segmentsPerCall);
    const segments = await read(numbers);
    yield numbers.map((number) => requireSegment(segments, number));
  }
}
