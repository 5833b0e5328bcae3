import { InvalidCursorError } from './log-errors.js';
import { noTotals, type RunningTotals } from './running-totals.js';
import { isErasure, requireSegment, type Segment } from './segment.js';
import { range, type SegmentReader } from './segment-reader.js';

/**
 * A point in a log, right before the entry with this index in this segment. Older entries come before it, newer ones
 * after it.
 */
export type Position = { segment: number; index: number };

export type Direction = 'older' | 'newer';

/** Where a page starts, and whether it holds older or newer entries than that. */
export type ReadFrom = { position: Position; direction: Direction };

/** The consecutive segments `first` to `last`; none if `last` is smaller than `first`. */
export type SegmentRange = { first: number; last: number };

/** An entry with the time its segment was recorded. */
export type RecordedEntry<Entry> = { entry: Entry; recordedAt: string };

/** An entry of a page with its position. An erased entry is `null`. */
type PageItem<Entry> = RecordedEntry<Entry | null> & { position: Position };

/** A page of entries, newest first. */
export type LogPage<Entry> = {
  items: PageItem<Entry>[];
  /** Where older entries continue, if there are any. */
  next: Position | undefined;
  /** Where newer entries continue, if there are any. */
  previous: Position | undefined;
  /** The running totals of the whole log. */
  totals: RunningTotals;
  /** The number of the log's last segment. */
  lastNumber: number;
};

type Segments<Entry> = ReadonlyMap<number, Segment<Entry>>;

/** The page of a log without entries. */
export function emptyPage<Entry>(): LogPage<Entry> {
  return { items: [], next: undefined, previous: undefined, totals: noTotals, lastNumber: 0 };
}

/** The position at the start of every log, before the first entry. */
export const logStart: Position = { segment: 0, index: 0 };

/** Whether no entry comes before a position. */
export function isLogStart({ segment, index }: Position): boolean {
  return segment <= 1 && index === 0;
}

/** The position right after the entry at a position. */
export function positionAfter({ segment, index }: Position): Position {
  return { segment, index: index + 1 };
}

/** The entries of a page that are not erased. */
export function entriesOf<Entry>({ items }: LogPage<Entry>): RecordedEntry<Entry>[] {
  return items.flatMap(({ entry, recordedAt }) => (entry === null ? [] : [{ entry, recordedAt }]));
}

/**
 * Reads up to `limit` entries, starting with the newest or at `from`. It takes one call if `hint` is fresh: the call that
 * finds the tail also reads the entries. A page needs at most `limit` segments, plus the one of its position and one more
 * that shows whether older entries exist.
 *
 * Towards newer entries the page is full, or else it is the newest page, which takes one more call. The newest page is also
 * returned for a position before an erasure, where no entries are left. This fits logs that are erased as a whole.
 *
 * @throws InvalidCursorError if the position of `from` is not in the part of the log that is read
 */
export async function readLogPage<Entry>(
  reader: SegmentReader<Entry>,
  hint: number,
  limit: number,
  from?: ReadFrom,
  within: SegmentRange = { first: 1, last: Infinity },
): Promise<LogPage<Entry>> {
  const isNewestPage = from === undefined && within.last === Infinity;
  const tail = await reader.findTailFrom(hint, isNewestPage ? limit + 1 : 1, {
    also: segmentsFor(limit, from, within),
  });
  const { lastNumber, segments } = tail;
  if (from !== undefined && !exists(from.position, segments, within))
    throw new InvalidCursorError('the position is not in the part of the log that is read');
  const newest = Math.min(lastNumber, within.last);
  const log = { totals: segments.get(lastNumber)?.totals ?? noTotals, lastNumber };
  const previousOf = (position: Position) => (isEnd(position, newest, segments) ? undefined : position);

  if (from?.direction === 'newer') {
    const items = collectNewer(segments, from.position, limit, newest);
    const newestItem = items?.[0];
    if (items === undefined || newestItem === undefined)
      return readLogPage(reader, lastNumber, limit, undefined, within);
    // The position comes from an older page, so older entries exist.
    const next = items.at(-1)?.position;
    return { items, next, previous: previousOf(positionAfter(newestItem.position)), ...log };
  }
  const start = from?.position ?? { segment: newest, index: segments.get(newest)?.entries.length ?? 0 };
  return { ...collectOlder(segments, start, limit, within), previous: previousOf(start), ...log };
}

/** A call for entries before a position reads this many segments. */
const segmentsPerCall = 100;

/**
 * Reads the entries of up to a hundred segments before a position, or of the newest ones, newest first. The log is one that is never
 * erased as a whole.
 *
 * @throws InvalidCursorError if the position is not in the log
 */
export async function readEntriesBefore<Entry>(
  reader: SegmentReader<Entry>,
  hint: number,
  from?: Position,
): Promise<Pick<LogPage<Entry>, 'items' | 'next' | 'lastNumber'>> {
  const tail = await reader.findTailFrom(hint, from === undefined ? segmentsPerCall : 1, {
    also: from === undefined ? [] : range(from.segment - segmentsPerCall + 1, from.segment),
  });
  const { lastNumber, segments } = tail;
  if (from !== undefined && !exists(from, segments, { first: 1, last: lastNumber }))
    throw new InvalidCursorError('the position is not in the log');
  const start = from ?? { segment: lastNumber, index: segments.get(lastNumber)?.entries.length ?? 0 };
  const lowest = Math.max(1, start.segment - segmentsPerCall + 1);
  const items = range(lowest, start.segment)
    .toReversed()
    .flatMap((number) => {
      const { entries, recordedAt } = requireSegment(segments, number);
      const end = number === start.segment ? start.index : entries.length;
      return entries
        .slice(0, end)
        .map((entry, index) => ({ entry, recordedAt, position: { segment: number, index } }))
        .reverse();
    });
  return { items, next: lowest > 1 ? { segment: lowest, index: 0 } : undefined, lastNumber };
}

/** The segments that a page may need besides the tail. */
function segmentsFor(limit: number, from: ReadFrom | undefined, { last }: SegmentRange): number[] {
  if (from === undefined) return last === Infinity ? [] : range(last - limit, last);
  const { segment } = from.position;
  return from.direction === 'older' ? range(segment - limit - 1, segment) : range(segment, segment + limit);
}

function exists<Entry>(
  { segment, index }: Position,
  segments: Segments<Entry>,
  { first, last }: SegmentRange,
): boolean {
  if (segment === 0) return index === 0 && first === 1;
  return segment >= first && segment <= last && index <= (segments.get(segment)?.entries.length ?? -1);
}

/** Whether no entry comes after a position in the part of the log that is read. */
function isEnd<Entry>({ segment, index }: Position, newest: number, segments: Segments<Entry>): boolean {
  return segment >= newest && index >= (segments.get(segment)?.entries.length ?? 0);
}

/**
 * Collects entries before a position. It stops at an erasure, because everything before it is erased. The totals of a segment that an
 * erasure has emptied count nothing: nothing is left before it, either.
 */
function collectOlder<Entry>(
  segments: Segments<Entry>,
  start: Position,
  limit: number,
  { first }: SegmentRange,
): Pick<LogPage<Entry>, 'items' | 'next'> {
  const items: PageItem<Entry>[] = [];
  for (let number = start.segment; number >= Math.max(1, first); number -= 1) {
    const segment = requireSegment(segments, number);
    if (isErasure(segment)) break;
    const end = number === start.segment ? start.index : segment.entries.length;
    for (let index = end - 1; index >= 0; index -= 1) {
      if (items.length === limit)
        return { items, next: segment.totals.count === 0 ? undefined : items.at(-1)?.position };
      const entry = segment.entries[index] as Entry | null;
      items.push({ entry, recordedAt: segment.recordedAt, position: { segment: number, index } });
    }
  }
  return { items, next: undefined };
}

/** Collects exactly `limit` entries after a position; undefined if there are fewer or an erasure is among them. */
function collectNewer<Entry>(
  segments: Segments<Entry>,
  start: Position,
  limit: number,
  newest: number,
): PageItem<Entry>[] | undefined {
  const items: PageItem<Entry>[] = [];
  for (let number = Math.max(1, start.segment); number <= newest; number += 1) {
    const { entries, recordedAt } = requireSegment(segments, number);
    if (entries.length === 0) return undefined;
    for (let index = number === start.segment ? start.index : 0; index < entries.length; index += 1) {
      const entry = entries[index] as Entry | null;
      if (entry === null) return undefined;
      items.unshift({ entry, recordedAt, position: { segment: number, index } });
      if (items.length === limit) return items;
    }
  }
  return undefined;
}
