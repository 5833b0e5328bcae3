import type { Totals } from '@unity-purchase/contracts';
import { DamagedLogError, isErasure, type Segment } from './segment.js';
import { range, type SegmentReader } from './segment-reader.js';
import { noTotals } from './totals.js';

/** A place in a log: before the entry with this index, counted within its segment. Reading goes on there, backwards. */
export type Place = { segment: number; index: number };

/** An entry with the time its segment was recorded. */
export type Recorded<Entry> = { entry: Entry; recordedAt: string };

/**
 * A run of entries, newest first, with the place after each of them; `null` is one that was erased. `next` is where reading
 * goes on, if anything stands before.
 */
export type LogPage<Entry> = {
  items: (Recorded<Entry | null> & { place: Place })[];
  next: Place | undefined;
  totals: Totals;
  end: number;
};

/** The place named is not in the log. */
export class UnknownPlaceError extends Error {
  override readonly name = 'UnknownPlaceError';
}

/**
 * Reads up to `limit` entries, newest first, from the log's end or from a place on, in one call if `hint` is fresh: the
 * search for the end and the entries travel together, because no page needs more than `limit` segments before it, and one
 * more to tell whether it is the last page.
 *
 * @throws UnknownPlaceError if `from` is not a place in this log.
 */
export async function readLogPage<Entry>(
  reader: SegmentReader<Entry>,
  hint: number,
  limit: number,
  from: Place | undefined,
): Promise<LogPage<Entry>> {
  const also = from === undefined ? [] : range(from.segment - limit - 1, from.segment);
  const tail = await reader.findTail(hint, from === undefined ? limit + 1 : 1, also);
  const end = tail.segments.get(tail.number);
  if (from !== undefined && !isPlace(from, tail.segments))
    throw new UnknownPlaceError('there is no such place in the log');
  const start = from ?? { segment: tail.number, index: end?.entries.length ?? 0 };
  return { ...collect(tail.segments, start, limit), totals: end?.totals ?? noTotals, end: tail.number };
}

/** What was not erased of a page. */
export function entriesOf<Entry>({ items }: LogPage<Entry>): Recorded<Entry>[] {
  return items.flatMap(({ entry, recordedAt }) => (entry === null ? [] : [{ entry, recordedAt }]));
}

/** Where a log that is empty is read from. */
export const beginning: Place = { segment: 0, index: 0 };

/** Whether nothing stands before a place. */
export function isBeginning({ segment, index }: Place): boolean {
  return segment <= 1 && index === 0;
}

function isPlace<Entry>({ segment, index }: Place, segments: ReadonlyMap<number, Segment<Entry>>): boolean {
  return segment === 0 ? index === 0 : index <= (segments.get(segment)?.entries.length ?? -1);
}

/** Up to an erasure: what stands before one is gone. */
function collect<Entry>(
  segments: ReadonlyMap<number, Segment<Entry>>,
  start: Place,
  limit: number,
): Pick<LogPage<Entry>, 'items' | 'next'> {
  const items: LogPage<Entry>['items'] = [];
  for (let number = start.segment; number >= 1; number -= 1) {
    const segment = segments.get(number);
    if (segment === undefined) throw new DamagedLogError(`segment ${number} is missing`);
    if (isErasure(segment)) break;
    const first = number === start.segment ? start.index : segment.entries.length;
    for (let index = first - 1; index >= 0; index -= 1) {
      if (items.length === limit) return { items, next: items.at(-1)?.place };
      const entry = segment.entries[index] as Entry | null;
      items.push({ entry, recordedAt: segment.recordedAt, place: { segment: number, index } });
    }
  }
  return { items, next: undefined };
}
