import type { Totals } from '@unity-purchase/contracts';
import { DamagedLogError, isErasure, type Segment } from './segment.js';
import { range, type SegmentReader } from './segment-reader.js';
import { noTotals } from './totals.js';

/**
 * A place in a log: before the entry with this index, counted within its segment. Older entries stand before it, newer ones
 * from it on.
 */
export type Place = { segment: number; index: number };

/** Where a page begins, and whether it holds the entries before that place or those from it on. */
export type From = { place: Place; towards: 'older' | 'newer' };

/** The segments `first` to `last`, which pages do not leave; none if `last` comes before `first`. */
export type Run = { first: number; last: number };

/** An entry with the time its segment was recorded. */
export type Recorded<Entry> = { entry: Entry; recordedAt: string };

/**
 * A run of entries, newest first, each with its place; `null` is one that was erased. `next` is where reading goes on
 * towards older entries, and `previous` towards newer ones, where there are any.
 */
export type LogPage<Entry> = {
  items: Item<Entry>[];
  next: Place | undefined;
  previous: Place | undefined;
  totals: Totals;
  end: number;
};

type Item<Entry> = Recorded<Entry | null> & { place: Place };

type Segments<Entry> = ReadonlyMap<number, Segment<Entry>>;

/** The place named is not in the log, or not in the part of it that is read. */
export class UnknownPlaceError extends Error {
  override readonly name = 'UnknownPlaceError';
}

/**
 * Reads up to `limit` entries from the newest on or from a place on, in one call if `hint` is fresh: the search for the end
 * and the entries travel together, because no page needs more than `limit` segments besides that of its place, and one more to
 * tell whether it is the last page.
 *
 * Towards newer entries it is a full page, or else the newest page, for one call more: also from a place before an erasure,
 * where nothing is left. That fits logs that are erased as a whole.
 *
 * @throws UnknownPlaceError if `from` is not a place in what is read.
 */
export async function readLogPage<Entry>(
  reader: SegmentReader<Entry>,
  hint: number,
  limit: number,
  from?: From,
  within: Run = { first: 1, last: Infinity },
): Promise<LogPage<Entry>> {
  const isTail = from === undefined && within.last === Infinity;
  const tail = await reader.findTail(hint, isTail ? limit + 1 : 1, segmentsFor(limit, from, within));
  const { number: end, segments } = tail;
  if (from !== undefined && !isPlace(from.place, segments, within))
    throw new UnknownPlaceError('there is no such place in what is read of the log');
  const newest = Math.min(end, within.last);
  const totals = segments.get(end)?.totals ?? noTotals;
  const isNewest = ({ segment, index }: Place) =>
    segment >= newest && index >= (segments.get(segment)?.entries.length ?? 0);
  const previousOf = (place: Place) => (isNewest(place) ? undefined : place);

  if (from?.towards === 'newer') {
    const items = collectNewer(segments, from.place, limit, newest);
    const newestItem = items?.[0];
    if (items === undefined || newestItem === undefined)
      return readLogPage(reader, end, limit, undefined, within);
    // There are older ones: the place came from a page of them.
    const next = items.at(-1)?.place;
    return { items, next, previous: previousOf(placeAfter(newestItem.place)), totals, end };
  }
  const start = from?.place ?? { segment: newest, index: segments.get(newest)?.entries.length ?? 0 };
  return { ...collectOlder(segments, start, limit, within), previous: previousOf(start), totals, end };
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

/** The place right after the entry that stands at a place. */
export function placeAfter({ segment, index }: Place): Place {
  return { segment, index: index + 1 };
}

function segmentsFor(limit: number, from: From | undefined, { last }: Run): number[] {
  if (from === undefined) return last === Infinity ? [] : range(last - limit, last);
  const { segment } = from.place;
  return from.towards === 'older' ? range(segment - limit - 1, segment) : range(segment, segment + limit);
}

function isPlace<Entry>({ segment, index }: Place, segments: Segments<Entry>, { first, last }: Run): boolean {
  if (segment === 0) return index === 0 && first === 1;
  return segment >= first && segment <= last && index <= (segments.get(segment)?.entries.length ?? -1);
}

/** Up to an erasure: what stands before one is gone. */
function collectOlder<Entry>(
  segments: Segments<Entry>,
  start: Place,
  limit: number,
  { first }: Run,
): Pick<LogPage<Entry>, 'items' | 'next'> {
  const items: Item<Entry>[] = [];
  for (let number = start.segment; number >= Math.max(1, first); number -= 1) {
    const segment = required(segments, number);
    if (isErasure(segment)) break;
    const above = number === start.segment ? start.index : segment.entries.length;
    for (let index = above - 1; index >= 0; index -= 1) {
      if (items.length === limit) return { items, next: items.at(-1)?.place };
      const entry = segment.entries[index] as Entry | null;
      items.push({ entry, recordedAt: segment.recordedAt, place: { segment: number, index } });
    }
  }
  return { items, next: undefined };
}

/** Exactly `limit` entries; undefined where there are fewer, or where something was erased since. */
function collectNewer<Entry>(
  segments: Segments<Entry>,
  start: Place,
  limit: number,
  newest: number,
): Item<Entry>[] | undefined {
  const items: Item<Entry>[] = [];
  for (let number = Math.max(1, start.segment); number <= newest; number += 1) {
    const { entries, recordedAt } = required(segments, number);
    if (entries.length === 0) return undefined;
    for (let index = number === start.segment ? start.index : 0; index < entries.length; index += 1) {
      const entry = entries[index] as Entry | null;
      if (entry === null) return undefined;
      items.unshift({ entry, recordedAt, place: { segment: number, index } });
      if (items.length === limit) return items;
    }
  }
  return undefined;
}

function required<Entry>(segments: Segments<Entry>, number: number): Segment<Entry> {
  const segment = segments.get(number);
  if (segment === undefined) throw new DamagedLogError(`segment ${number} is missing`);
  return segment;
}
