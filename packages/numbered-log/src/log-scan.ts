import { DamagedLogError, type Segment } from './segment.js';
import { range, type SegmentReader } from './segment-reader.js';

/** How many segments are read in a call. */
const scanLength = 100;

/**
 * Reads a log segment by segment, from its beginning to what is its end now. Throws DamagedLogError where one is missing: a
 * part of a log must not pass for all of it.
 */
export async function* scanLog<Entry>(reader: SegmentReader<Entry>): AsyncGenerator<Segment<Entry>> {
  const end = (await reader.findEnd()).number;
  for (let from = 1; from <= end; from += scanLength)
    yield* await readRun(reader, range(from, Math.min(end, from + scanLength - 1)));
}

/** As `scanLog`, from the end back to the beginning. */
export async function* scanLogBack<Entry>(reader: SegmentReader<Entry>): AsyncGenerator<Segment<Entry>> {
  for (let to = (await reader.findEnd()).number; to >= 1; to -= scanLength)
    yield* (await readRun(reader, range(to - scanLength + 1, to))).reverse();
}

async function readRun<Entry>(
  reader: SegmentReader<Entry>,
  numbers: readonly number[],
): Promise<Segment<Entry>[]> {
  const segments = await reader.read(numbers);
  return numbers.map((number) => {
    const segment = segments.get(number);
    if (segment === undefined) throw new DamagedLogError(`${reader.keyOf(number)} is missing`);
    return segment;
  });
}
