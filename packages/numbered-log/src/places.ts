import { range, type SegmentReader } from './segment-reader.js';
import { requireSegment, type Segment } from './segment.js';

/**
 * How far behind its place an entry can be, in segments. A process appends this many segments to a log while it stores a place,
 * unless a call to the store hangs.
 */
const spanMax = 32;

/** Each call reads this many segments. More of the largest size would not fit through a sidecar, which passes 4 MiB. */
const segmentsPerCall = 100;

/**
 * The last segment in which an entry can be that was appended at a place.
 *
 * A place is the number after the last segment that a process knew. A process stores it before it appends the entry, and
 * creates the entry's segment from there up to this one, or not at all. So an entry is at one of its stored places, or it was
 * never appended, whatever failed and however late a write arrives.
 */
export function lastNumberAt(place: number): number {
  return place + spanMax;
}

/** How segments at places are read. Aborting the signal cancels it. */
export type PlacesOptions = { skipsDamaged?: boolean; signal?: AbortSignal | undefined };

/**
 * Reads the segments in which entries at some places can be, each once, in calls of a bounded size. With `skipsDamaged`, it leaves out
 * segments that are missing or unreadable.
 *
 * @throws DamagedLogError otherwise, if there is such a segment
 */
export async function* segmentsAt<Entry>(
  reader: SegmentReader<Entry>,
  places: readonly number[],
  { skipsDamaged = false }: Pick<PlacesOptions, 'skipsDamaged'> = {},
): AsyncGenerator<Segment<Entry>> {
  const numbers = [...new Set(places.flatMap((place) => range(place, lastNumberAt(place))))].sort(
    (one, other) => one - other,
  );
  for (let index = 0; index < numbers.length; index += segmentsPerCall) {
    const wanted = numbers.slice(index, index + segmentsPerCall);
    if (skipsDamaged) {
      const { segments } = await reader.inspect(wanted);
      yield* wanted.flatMap((number) => segments.get(number) ?? []);
      continue;
    }
    const segments = await reader.read(wanted);
    const lastNumber = Math.max(0, ...segments.keys());
    // A read of many keys is not a snapshot: what was created during it exists now.
    const missing = wanted.filter((number) => number < lastNumber && !segments.has(number));
    for (const [number, segment] of await reader.read(missing)) segments.set(number, segment);
    for (const number of wanted) if (number <= lastNumber) yield requireSegment(segments, number);
  }
}
