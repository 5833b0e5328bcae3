import type { LogDefinition } from './log-definition.js';
import { markedRange, searchedAfterMs, searchedBeforeMs } from './late-markers.js';
import { LogMemory, type RememberedEntry } from './log-memory.js';
import { noTotals, type RunningTotals } from './running-totals.js';
import { readUnmarked, readWindow } from './search-window.js';
import { isErasure, requireSegment, type Segment } from './segment.js';
import {
  isOfOlderVersion,
  lineageAfter,
  noUnmarked,
  type Lineage,
  type UnmarkedRange,
} from './segment-lineage.js';
import {
  doublingBack,
  evenlySpread,
  range,
  type SegmentReader,
  type Surroundings,
  type Tail,
} from './segment-reader.js';

/** The largest allowed difference between two clocks: the one in an entry's id and the one that says when it was recorded. */
export const clockDifferenceMaxMs = 10 * 60 * 1000;

/** For recent ids: the segments before the tail hint, so that most need no further call, and some farther back. */
const recentSurroundings: Surroundings = { before: 64, landmarks: (hint) => doublingBack(hint, 128) };

/** For old ids: segments all over the log, so that the search for their time begins in a small part of it. */
const wideSurroundings: Surroundings = { before: 1, landmarks: (hint) => evenlySpread(0, hint, 80) };

/** A writer takes the same number of calls when one tail hint was lost. */
const lostHints = 1;

/** Which entries a read of the tail is for: those that are recorded around the time in their id, or also others. */
export type TailPurpose = {
  isForOldIds: boolean;
  /** Other keys to read in the same call, not earlier than the tail. */
  keys: readonly string[];
};

/** What one writer knows of a log: its last segment, and the ids in the segments that it remembers. */
export class LogView<Entry> {
  readonly #reader: SegmentReader<Entry>;
  readonly #memory: LogMemory<Entry>;
  readonly #now: () => Date;
  readonly #definition: LogDefinition<Entry>;
  #lastNumber = 0;
  #totals: RunningTotals = noTotals;
  #recordedMs = -Infinity;
  #lineage: Lineage;
  #erasedMs = -Infinity;
  /** The segments that were read and have an entry without a time and without a marker. */
  #unmarkedSeen = noUnmarked;
  #gaps = 0;

  private constructor(reader: SegmentReader<Entry>, definition: LogDefinition<Entry>, now: () => Date) {
    this.#reader = reader;
    this.#memory = new LogMemory(definition);
    this.#definition = definition;
    this.#lineage = lineageAfter(undefined, definition);
    this.#now = now;
  }

  /** Reads the log's tail from the store, and the values of other keys. */
  static async load<Entry>(
    reader: SegmentReader<Entry>,
    definition: LogDefinition<Entry>,
    now: () => Date,
    { isForOldIds, keys }: TailPurpose,
  ): Promise<{ view: LogView<Entry>; values: ReadonlyMap<string, string> }> {
    const view = new LogView(reader, definition, now);
    const tail = await reader.findTail(surroundingsFor(isForOldIds), { keys, lostHints });
    view.#adopt(tail);
    return { view, values: tail.values };
  }

  /** The number of the last segment, or 0 for an empty log. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  get totals(): RunningTotals {
    return this.#totals;
  }

  /** When the last segment was recorded, in milliseconds since the epoch. */
  get recordedMs(): number {
    return this.#recordedMs;
  }

  /** The lineage of the next segment. */
  get lineage(): Lineage {
    return this.#lineage;
  }

  /** When the log was last erased, in milliseconds since the epoch, as far as the view knows; -Infinity if never. */
  get erasedMs(): number {
    return this.#erasedMs;
  }

  /**
   * How often the view lost sight of the end of the log. As long as this number stays the same, the view has seen every segment
   * that was appended.
   */
  get gaps(): number {
    return this.#gaps;
  }

  /** How many ids and segments the view remembers. */
  get size(): number {
    return this.#memory.size;
  }

  /** The entry with an id, if it is in memory. */
  entryOf(id: string): RememberedEntry | undefined {
    return this.#memory.entryOf(id);
  }

  /**
   * Reads the log back: the segments that were appended since the last read, and the values of other keys. `next` is the
   * segment right after the last known one, if it exists. With `isChecked`, it also reads the last known segment again.
   * @throws DamagedLogError if that does not exist any more
   */
  async refresh(
    { isForOldIds, keys }: TailPurpose,
    isChecked: boolean,
  ): Promise<{
    next: Segment<Entry> | undefined;
    values: ReadonlyMap<string, string>;
  }> {
    const next = this.#lastNumber + 1;
    const tail = await this.#reader.findTailFrom(
      this.#lastNumber,
      isChecked ? 1 : 0,
      { also: [next], keys: [this.#reader.hintKey, ...keys], lostHints },
      surroundingsFor(isForOldIds),
    );
    this.#adopt(tail);
    return { next: tail.segments.get(next), values: tail.values };
  }

  /** Adds the segment that this process just created. */
  append(segment: Segment<Entry>): void {
    this.#add(segment);
  }

  /** Forgets what it does not need to remember. */
  trim(): void {
    this.#memory.trim(this.#now().getTime());
  }

  /**
   * Looks for an entry that is not in memory: around the time in its id, if it has one, and in the range of its marker, if
   * there is one. An entry without a time can also be where an older version recorded such entries. Stops when it finds the entry.
   * What it reads stays in memory, also if a later call fails.
   *
   * @returns the fingerprint of the entry, or undefined if it is in no segment up to the last one
   */
  async findFingerprint(id: string, createdAtMs: number | undefined, marker: number | undefined) {
    let marked: readonly number[] = [];
    if (marker !== undefined) {
      const { first, last } = markedRange(marker);
      marked = range(first, Math.min(last, this.#lastNumber)).filter((number) => !this.#remembers(number));
    }
    let found: string | undefined;
    // The marker's range shares the first call of the search.
    const read = async (numbers: readonly number[]) => {
      const segments = await this.#reader.read([...marked, ...numbers]);
      const all = [...marked, ...numbers].map((number) => requireSegment(segments, number));
      marked = [];
      this.#noteContent(all);
      found ??= this.#memory.add(all, this.#now().getTime(), id);
      return segments;
    };
    const recordedMsOf = (number: number) => this.#memory.recordedMsOf(number);
    if (createdAtMs === undefined) {
      for await (const _segments of readUnmarked({ recordedMsOf, read }, this.#lineage.unmarked))
        if (found !== undefined) return found;
      if (found === undefined) this.#lineage = { ...this.#lineage, unmarked: this.#unmarkedSeen };
    } else if (!this.#memory.reachesBackTo(createdAtMs - searchedBeforeMs))
      for await (const _segments of readWindow(
        {
          lastNumber: this.#lastNumber,
          irregularTo: this.#lineage.irregularTo,
          boundsOf: (timeMs) => this.#memory.boundsOf(timeMs, this.#lastNumber),
          recordedMsOf,
          read,
        },
        { fromMs: createdAtMs - searchedBeforeMs, toMs: createdAtMs + searchedAfterMs },
      ))
        if (found !== undefined) return found;
    if (found === undefined && marked.length > 0) await read([]);
    return found;
  }

  #remembers(number: number): boolean {
    return this.#memory.recordedMsOf(number) !== undefined;
  }

  /** Adopts a tail that was read. */
  #adopt({ lastNumber, firstNumber, segments }: Tail<Entry>): void {
    if (firstNumber > this.#lastNumber + 1) {
      this.#gaps += 1;
      this.#memory.beginTail();
      this.#lastNumber = firstNumber - 1;
      // Until the next segment says more.
      const unmarked = { first: 1, last: this.#lastNumber };
      this.#lineage = { ...this.#lineage, irregularTo: this.#lastNumber, unmarked };
    }
    const elsewhere = [...segments.values()].filter(({ number }) => number <= this.#lastNumber);
    for (const number of range(this.#lastNumber + 1, lastNumber)) this.#add(requireSegment(segments, number));
    this.#noteContent(elsewhere);
    this.#memory.add(elsewhere, this.#now().getTime());
  }

  #add(segment: Segment<Entry>): void {
    this.#memory.append(segment);
    this.#totals = segment.totals;
    this.#lastNumber = segment.number;
    this.#recordedMs = Date.parse(segment.recordedAt);
    this.#lineage = lineageAfter(segment, this.#definition, this.#lineage);
    this.#erasedMs = Math.max(this.#erasedMs, this.#lineage.erasedMs || -Infinity);
    this.#noteContent([segment]);
  }

  /** Notes the erasures among segments that were read, and the entries that have no time and no marker. */
  #noteContent(segments: Iterable<Segment<Entry>>): void {
    const { createdAtMsOf } = this.#definition;
    for (const segment of segments) {
      if (
        isOfOlderVersion(segment) &&
        segment.entries.some((entry) => entry !== null && createdAtMsOf(entry) === undefined)
      )
        this.#unmarkedSeen = including(this.#unmarkedSeen, segment.number);
      if (!isErasure(segment)) continue;
      this.#erasedMs = Math.max(this.#erasedMs, Date.parse(segment.recordedAt));
      this.#memory.noteErasure(segment.number);
    }
  }
}

/** A range that also includes a segment. */
function including({ first, last }: UnmarkedRange, number: number): UnmarkedRange {
  return last === 0
    ? { first: number, last: number }
    : { first: Math.min(first, number), last: Math.max(last, number) };
}

function surroundingsFor(isForOldIds: boolean): Surroundings {
  return isForOldIds ? wideSurroundings : recentSurroundings;
}
