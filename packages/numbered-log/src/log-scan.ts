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
  for (let first = 1; first <= lastNumber; first += segmentsPerCall)
    yield* await readAll(reader, range(first, Math.min(lastNumber, first + segmentsPerCall - 1)));
}

async function readAll<Entry>(
  reader: SegmentReader<Entry>,
  numbers: readonly number[],
): Promise<Segment<Entry>[]> {
  const segments = await reader.read(numbers);
  return numbers.map((number) => requireSegment(segments, number));
}
