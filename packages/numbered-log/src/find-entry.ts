import { isLate, markedRange, searchedAfterMs, searchedBeforeMs, type LateMarkers } from './late-markers.js';
import type { RecordedEntry } from './log-page.js';
import { entryWhere, tailLength } from './log-search.js';
import { readUnmarked, readWindow } from './search-window.js';
import { requireSegment, type Segment } from './segment.js';
import { lineageAfter } from './segment-lineage.js';
import { range, type SegmentReader } from './segment-reader.js';

/** The entry to find. */
export type EntryId<Entry> = {
  id: string;
  /** When the id was created, in milliseconds since the epoch, or undefined if the id does not tell. */
  createdAtMs: number | undefined;
  idOf: (entry: Entry) => string;
};

type FoundEntry<Entry> = { found: RecordedEntry<Entry> | undefined; lastNumber: number };

/**
 * Finds an entry by its id, whenever it was recorded: around the time in the id, or in the range of its marker. The number of
 * calls grows with the logarithm of the log's length, plus one for each hundred segments around that time. An id without a time
 * takes two calls, unless an older version may have recorded its entry: see `Lineage.unmarked`.
 */
export async function findEntry<Entry>(
  reader: SegmentReader<Entry>,
  markers: LateMarkers,
  hint: number,
  { id, createdAtMs, idOf }: EntryId<Entry>,
  signal?: AbortSignal,
): Promise<FoundEntry<Entry>> {
  // The first segment shows where a time is if the log grew evenly.
  const tail = await reader.findTailFrom(hint, tailLength, { also: [1] });
  const { lastNumber, firstNumber } = tail;
  const entryIn = (segments: Iterable<Segment<Entry>>) => entryWhere(segments, (entry) => idOf(entry) === id);
  const inTail = entryIn(tail.segments.values());
  if (inTail !== undefined || firstNumber <= 1) return { found: inTail, lastNumber };

  const last = requireSegment(tail.segments, lastNumber);
  // If the log ends on time for the entry, nothing can have been recorded late for it.
  const mayBeLate = isLate(createdAtMs, Date.parse(last.recordedAt));
  const marker = mayBeLate ? (await markers.read([id], signal)).get(id) : undefined;
  if (marker !== undefined) {
    const marked = markedRange(marker);
    const numbers = range(marked.first, Math.min(marked.last, lastNumber));
    const found = entryIn((await reader.read(numbers)).values());
    if (found !== undefined) return { found, lastNumber };
  }

  const recordedMs = new Map(
    [...tail.segments.values()].map(({ number, recordedAt }) => [number, Date.parse(recordedAt)]),
  );
  const { irregularTo, unmarked } = lineageAfter(last);
  const searched = {
    lastNumber,
    irregularTo,
    boundsOf: (timeMs: number) => {
      const inTailBefore = range(firstNumber, lastNumber).findLast(
        (number) => (recordedMs.get(number) ?? Infinity) < timeMs,
      );
      if (inTailBefore !== undefined) return { before: inTailBefore, notBefore: inTailBefore + 1 };
      const firstMs = recordedMs.get(1) ?? Infinity;
      return firstMs < timeMs ? { before: 1, notBefore: firstNumber } : { before: 0, notBefore: 1 };
    },
    recordedMsOf: (number: number) => recordedMs.get(number),
    read: (numbers: readonly number[]) => reader.read(numbers),
  };
  const chunks =
    createdAtMs === undefined
      ? readUnmarked(searched, unmarked)
      : readWindow(searched, { fromMs: createdAtMs - searchedBeforeMs, toMs: createdAtMs + searchedAfterMs });
  for await (const segments of chunks) {
    const found = entryIn(segments);
    if (found !== undefined) return { found, lastNumber };
  }
  return { found: undefined, lastNumber };
}
