import { DamagedLogError, type Segment } from './segment.js';
import { range, type SegmentReader } from './segment-reader.js';

/** How many segments are read in a call. */
const scanLength = 100;

/** Reads a log from its end back to its beginning, segment by segment. What is appended meanwhile is left out. */
export async function* scanLogBack<Entry>(reader: SegmentReader<Entry>): AsyncGenerator<Segment<Entry>> {
  for (let to = (await reader.findEnd()).number; to >= 1; to -= scanLength) {
    const numbers = range(to - scanLength + 1, to);
    const segments = await reader.read(numbers);
    for (const number of numbers.reverse()) {
      const segment = segments.get(number);
      if (segment === undefined) throw new DamagedLogError(`${reader.keyOf(number)} is missing`);
      yield segment;
    }
  }
}

/** Reads a log from its beginning to its end, whatever its length, segment by segment. */
export async function* scanLog<Entry>(reader: SegmentReader<Entry>): AsyncGenerator<Segment<Entry>> {
  for (let from = 1; ; from += scanLength) {
    const numbers = range(from, from + scanLength - 1);
    const segments = await reader.read(numbers);
    for (const number of numbers) {
      const segment = segments.get(number);
      if (segment === undefined) return;
      yield segment;
    }
  }
}
