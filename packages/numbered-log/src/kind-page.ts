import { DamagedLogError, InvalidCursorError } from './log-errors.js';
import type { Position, RecordedEntry } from './log-page.js';
import { countOfKind } from './running-totals.js';
import { requireSegment, type Segment } from './segment.js';
import { range, type SegmentReader } from './segment-reader.js';
import { findBoundaries } from './time-boundaries.js';

/** A call reads this many consecutive segments. */
const segmentsPerCall = 100;

/** How often a page reads consecutive segments or searches for others. Only what older versions wrote needs as many. */
const readsMax = 12;

/** Which entries a page has. */
export type KindQuery<Entry> = { kind: string; kindOf: (entry: Entry) => string };

/** A page of the entries of one kind, newest first. */
export type KindPage<Entry> = {
  items: RecordedEntry<Entry>[];
  /** Where older entries continue, if there may be any. */
  next: Position | undefined;
  /** The number of the log's last segment. */
  lastNumber: number;
};

/** How many entries up to and including a segment may be of the kind. */
type CountIn<Entry> = (segment: Segment<Entry>) => number;

/** What is left to read: the entries before a position, of which this many may be of the kind. */
type Rest = { position: Position; count: number };

/**
 * Reads up to `limit` entries of one kind, starting with the newest or before a position. The running totals count the entries of each
 * kind, so entries of other kinds are skipped, however many they are: the number of calls grows with the logarithm of the log's length.
 *
 * Older versions did not count. What they wrote is read as a whole, up to about a thousand segments: then the page is shorter than
 * the limit, or empty, and `next` says where to continue. This fits logs that are never erased as a whole.
 *
 * @throws InvalidCursorError if the position is not in the log
 */
export async function readKindPage<Entry>(
  reader: SegmentReader<Entry>,
  hint: number,
  limit: number,
  query: KindQuery<Entry>,
  from?: Position,
): Promise<KindPage<Entry>> {
  const countIn: CountIn<Entry> = ({ totals }) => countOfKind(totals, query.kind);
  const tail = await reader.findTailFrom(hint, from === undefined ? segmentsPerCall : 1, {
    also: from === undefined ? [] : upTo(from.segment),
  });
  const { lastNumber } = tail;
  let known: ReadonlyMap<number, Segment<Entry>> = tail.segments;
  const last = known.get(from?.segment ?? lastNumber);
  const start = from ?? { segment: lastNumber, index: last?.entries.length ?? 0 };
  if (last === undefined || start.index > last.entries.length)
    throw new InvalidCursorError('the position is not in the log');
  const items: RecordedEntry<Entry>[] = [];
  const page = pageBeingRead(items, limit, query, countIn);
  let rest: Rest | undefined = { position: start, count: countIn(last) };
  for (let reads = 1; ; reads += 1) {
    const { count } = rest;
    rest = page.takeConsecutive(rest.position, known);
    if (rest === undefined || reads >= readsMax) break;
    // If many may be of the kind and few are, an older version wrote them: reading on is cheaper than searching each.
    if (count - rest.count < page.missing()) {
      reads += 1;
      rest = await page.takeSearched(rest, known, reader);
      if (rest === undefined) break;
    }
    known = await reader.read(upTo(rest.position.segment));
  }
  return { items, next: page.next() ?? rest?.position, lastNumber };
}

function upTo(number: number): number[] {
  return range(number - segmentsPerCall + 1, number);
}

/** Takes entries from segments into `items`, newest first, until the page is full. */
function pageBeingRead<Entry>(
  items: RecordedEntry<Entry>[],
  limit: number,
  { kind, kindOf }: KindQuery<Entry>,
  countIn: CountIn<Entry>,
) {
  let lastTaken: Position | undefined;
  let next: Position | undefined;

  /** Takes entries of a segment. `left` is how many may be of the kind before it. Returns whether nothing needs to be read any more. */
  const take = ({ number, entries, recordedAt }: Segment<Entry>, end: number, left: number): boolean => {
    for (let index = end - 1; index >= 0; index -= 1) {
      const entry = entries[index];
      if (entry === undefined || entry === null || kindOf(entry) !== kind) continue;
      if (items.length === limit) {
        next = lastTaken;
        return true;
      }
      items.push({ entry, recordedAt });
      lastTaken = { segment: number, index };
    }
    if (items.length === limit && left > 0) next = lastTaken;
    return left === 0 || items.length === limit;
  };

  return {
    /** How many entries the page can still take. */
    missing: () => limit - items.length,
    /** Where the rest begins, if the page is full and there may be a rest. */
    next: () => next,

    /** Takes from consecutive segments, except the lowest: how much is left before it is not known. Returns what is left to read. */
    takeConsecutive(position: Position, segments: ReadonlyMap<number, Segment<Entry>>): Rest | undefined {
      let { segment: number, index } = position;
      for (;;) {
        const segment = requireSegment(segments, number);
        const before = segments.get(number - 1);
        if (number > 1 && before === undefined)
          return { position: { segment: number, index }, count: countIn(segment) };
        if (take(segment, index, before === undefined ? 0 : countIn(before))) return undefined;
        number -= 1;
        index = before?.entries.length ?? 0;
      }
    },

    /** Takes from the newest segments that may have an entry of the kind. Returns what is left to read. */
    async takeSearched(
      { position, count }: Rest,
      known: ReadonlyMap<number, Segment<Entry>>,
      reader: SegmentReader<Entry>,
    ): Promise<Rest | undefined> {
      const { segment: number } = position;
      const top = {
        segments: new Map([[number, requireSegment(known, number)]]),
        firstNumber: number,
        lastNumber: number,
      };
      const counts = range(count - limit + items.length + 1, count).toReversed();
      let rest: Rest | undefined;
      for (const { first, segment, before } of await findBoundaries(reader, top, counts, countIn)) {
        // Several of these counts were reached in the same segment.
        if (rest !== undefined && first > rest.position.segment) continue;
        if (segment === undefined) throw new DamagedLogError(`segment ${first} is missing`);
        const index = first === number ? position.index : segment.entries.length;
        if (take(segment, index, before === undefined ? 0 : countIn(before))) return undefined;
        if (before === undefined) return undefined;
        rest = { position: { segment: before.number, index: before.entries.length }, count: countIn(before) };
      }
      return rest;
    },
  };
}
