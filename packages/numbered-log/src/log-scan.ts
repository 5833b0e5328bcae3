import type { SegmentRange } from './log-page.js';
import { requireSegment, type Segment } from './segment.js';
import { range, type SegmentReader } from './segment-reader.js';

const segmentsPerCall = 100;

/**
 * Reads a log segment by segment, from its start to its current end.
 *
 * @throws DamagedLogError if a segment is missing, so that a part of the log is never mistaken for all of it
 */
export async function* scanLog<Entry>(reader: SegmentReader<Entry>): AsyncGenerator<Segment<Entry>> {
  const { lastNumber } = await reader.findTail();
  for await (const segments of scanRange(reader, { first: 1, last: lastNumber })) yield* segments;
}

/**
 * Reads consecutive segments that exist, as many at a time as one call returns.
 *
 * @throws DamagedLogError if a segment is missing
 */
export async function* scanRange<Entry>(
  reader: SegmentReader<Entry>,
  { first, last }: SegmentRange,
): AsyncGenerator<Segment<Entry>[]> {
  for (let number = first; number <= last; number += segmentsPerCall)
    yield await readAll(reader, range(number, Math.min(last, number + segmentsPerCall - 1)));
}

async function readAll<Entry>(
  reader: SegmentReader<Entry>,
  numbers: readonly number[],
): Promise<Segment<Entry>[]> {
  const segments = await reader.read(numbers);
  return numbers.map((number) => requireSegment(segments, number));
}
