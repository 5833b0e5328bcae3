import { BoundedMap } from './bounded-map.js';
import type { LogDefinition } from './log-definition.js';
import { findEntry } from './find-entry.js';
import { readKindPage, type KindPage } from './kind-page.js';
import { LateMarkers } from './late-markers.js';
import { eraseAll, eraseEntries, recordedEntries, type ErasableLog, type IsToErase } from './log-erasure.js';
import { LogUnavailableError } from './log-errors.js';
import { inspectLog, TotalsCheck, type Damage, type InspectedEntry } from './log-inspection.js';
import {
  emptyPage,
  logStart,
  positionAfter,
  readEntriesBefore,
  readLogPage,
  type LogPage,
  type Position,
  type ReadFrom,
  type RecordedEntry,
  type SegmentRange,
} from './log-page.js';
import { repairLog, type RepairOptions } from './log-repair.js';
import { scanLog, scanRange } from './log-scan.js';
import { searchLog, tailLength, type EntryQuery, type SearchResult } from './log-search.js';
import type { LogStore } from './log-store.js';
import { LogWriter } from './log-writer.js';
import type { AppendOutcome, PlacedOutcome } from './pending-append.js';
import { lastNumberAt, segmentsAt, type PlacesOptions } from './places.js';
import { noTotals, type RunningTotals } from './running-totals.js';
import { requireSegment, segmentDecoder, type SegmentDecoder } from './segment.js';
import { isPlaced, lineageAfter } from './segment-lineage.js';
import { SegmentReader, type Tail } from './segment-reader.js';
import { findTimeBoundaries, type TimeBoundary } from './time-boundaries.js';

/** How many logs are remembered for readers, with a number each. */
const lastNumbersMax = 50_000;

/** How many logs are remembered for writers, with what their writers remember. */
const writersMax = 5000;

/** A log grows while a place in it is being stored. It does not outgrow the place this often in a row. */
const placesMax = 5;

/** How many ids and segments all writers remember together. Each takes about 300 bytes. */
const rememberedMax = 200_000;

/** A writer counts for this many remembered ids, so that both limits are one. */
const writerSize = rememberedMax / writersMax;

/** From a time until before another, in milliseconds since the epoch. */
type TimeSpan = { fromMs: number; toMs: number };

/** Which pages are read: see `NumberedLogs.pages`. */
type PagesOptions = {
  before?: Position | undefined;
  between?: TimeSpan | undefined;
  signal?: AbortSignal | undefined;
};

const emptyTail: Tail<never> = { lastNumber: 0, firstNumber: 0, segments: new Map(), values: new Map() };

/**
 * All logs with the same definition, by name. A log is a series of segments `<log>:1`, `<log>:2`, …, each created once and
 * rewritten only by an erasure or a repair. A log exists from its first entry on; reading another one finds nothing.
 *
 * Every method that reads throws the store's error if the store is unavailable, and DamagedLogError if a segment is damaged.
 */
export class NumberedLogs<Entry> {
  readonly #store: LogStore;
  readonly #definition: LogDefinition<Entry>;
  readonly #now: () => Date;
  /** The last number of each log when this process last read it. It may be stale, never too high. */
  readonly #lastNumbers = new BoundedMap<string, number>(lastNumbersMax);
  readonly #writers = new BoundedMap<string, LogWriter<Entry>>(rememberedMax, (writer) => writer.isIdle);
  readonly #decode: SegmentDecoder<Entry>;

  constructor(store: LogStore, definition: LogDefinition<Entry>, now: () => Date) {
    this.#store = store;
    this.#definition = definition;
    this.#now = now;
    this.#decode = segmentDecoder(definition);
  }

  /** How many ids and segments all writers remember. */
  get remembered(): number {
    return [...this.#writers.values()].reduce((sum, writer) => sum + writer.size, 0);
  }

  /** Appends an entry once, however often and by however many processes it is tried. @throws LogUnavailableError */
  append(log: string, entry: Entry): Promise<AppendOutcome> {
    return this.#withWriter(log, (writer) => writer.append(entry));
  }

  /**
   * The place at which the next entry of a log can be appended: a segment number. Store it, then call `appendAt`. It costs no call
   * that `appendAt` would not need as well, unless this process has not used the log recently. @throws LogUnavailableError
   */
  place(log: string): Promise<number> {
    return this.#withWriter(log, (writer) => writer.place());
  }

  /** Appends an entry once, at a place: see `lastNumberAt`. @throws LogUnavailableError */
  appendAt(log: string, entry: Entry, place: number): Promise<PlacedOutcome> {
    return this.#withWriter(log, (writer) => writer.appendUpTo(entry, lastNumberAt(place)));
  }

  /**
   * Appends an entry once, at a place that `storePlace` has stored before. The log grows meanwhile: if it outgrows the place, another
   * one is stored. @throws LogUnavailableError, and what `storePlace` throws
   */
  async appendPlaced(log: string, entry: Entry, storePlace: (place: number) => Promise<void>): Promise<void> {
    for (let count = 0; count < placesMax; count += 1) {
      const place = await this.place(log);
      await storePlace(place);
      if ((await this.appendAt(log, entry, place)) !== 'beyond') return;
    }
    throw new LogUnavailableError('the log grows faster than its places can be stored');
  }

  async #withWriter<Result>(
    log: string,
    work: (writer: LogWriter<Entry>) => Promise<Result>,
  ): Promise<Result> {
    const writer = this.#writer(log);
    try {
      return await work(writer);
    } finally {
      // The writer remembers more or less than before, unless it was dropped meanwhile.
      if (this.#writers.get(log) === writer) this.#keep(log, writer);
    }
  }

  /** Reads what the first append to a log needs, so that it takes fewer calls. Never rejects. */
  async prepare(log: string): Promise<void> {
    await this.#writer(log).prepare();
  }

  /**
   * Reads a page of entries, newest first: the newest, or those before or after a position. See `readLogPage`.
   *
   * @throws InvalidCursorError if the position is not in the log
   */
  async page(log: string, limit: number, from?: ReadFrom): Promise<LogPage<Entry>> {
    const reader = this.#reader(log);
    const start = await this.#start(log, reader);
    if (start === 0 && from === undefined) return emptyPage();
    const page = await readLogPage(reader, start, limit, from);
    this.#remember(log, page.lastNumber);
    return page;
  }

  /**
   * Reads a page of entries of one kind, newest first: the newest, or those before a position. See `readKindPage`. Positions are those
   * of the log, so a page of another kind can continue there.
   *
   * @throws InvalidCursorError if the position is not in the log
   */
  async pageOfKind(log: string, kind: string, limit: number, from?: Position): Promise<KindPage<Entry>> {
    const { kindOf } = this.#definition;
    if (kindOf === undefined) throw new Error('the log does not count kinds of entries');
    const reader = this.#reader(log);
    const start = await this.#start(log, reader);
    if (start === 0 && from === undefined) return { items: [], next: undefined, lastNumber: 0 };
    const page = await readKindPage(reader, start, limit, { kind, kindOf }, from);
    this.#remember(log, page.lastNumber);
    return page;
  }

  /**
   * Like `page`, for entries recorded from one time until before another, in milliseconds since the epoch. The running
   * totals are those of the whole log.
   */
  async pageBetween(log: string, limit: number, between: TimeSpan, from?: ReadFrom): Promise<LogPage<Entry>> {
    const reader = this.#reader(log);
    const { within, lastNumber } = await this.#rangeBetween(log, reader, between);
    return readLogPage(reader, lastNumber, limit, from, within);
  }

  /**
   * Pages of entries one after the other, newest first, starting with the newest entries or with those before a position. With
   * `between`, of the entries recorded from one time until before another, which are found once. Aborting the signal cancels it.
   *
   * @throws InvalidCursorError if the position is not in the part of the log that is read
   */
  async *pages(
    log: string,
    limit: number,
    { before, between, signal }: PagesOptions = {},
  ): AsyncGenerator<LogPage<Entry>> {
    const reader = this.#reader(log, signal);
    const found = between && (await this.#rangeBetween(log, reader, between));
    let lastNumber = found?.lastNumber ?? (await this.#start(log, reader));
    if (lastNumber === 0 && before === undefined) {
      yield emptyPage();
      return;
    }
    for (let position = before; ;) {
      const from = position && ({ position, direction: 'older' } as const);
      const page = await readLogPage(reader, lastNumber, limit, from, found?.within);
      lastNumber = page.lastNumber;
      this.#remember(log, lastNumber);
      yield page;
      if (page.next === undefined) return;
      position = page.next;
    }
  }

  async #rangeBetween(
    log: string,
    reader: SegmentReader<Entry>,
    { fromMs, toMs }: TimeSpan,
  ): Promise<{ within: SegmentRange; lastNumber: number }> {
    const { tail, boundaries } = await this.#boundaries(log, reader, [fromMs, toMs]);
    const [first = 1, after = 1] = boundaries.map((boundary) => boundary.first);
    return { within: { first, last: after - 1 }, lastNumber: tail.lastNumber };
  }

  /** The position after the last entry that was recorded before a time, in milliseconds since the epoch. */
  async positionAt(log: string, timeMs: number): Promise<Position> {
    const { boundaries } = await this.#boundaries(log, this.#reader(log), [timeMs]);
    const before = boundaries[0]?.before;
    return before === undefined ? logStart : { segment: before.number, index: before.entries.length };
  }

  /**
   * How many entries come after a position, erased ones included; only those recorded before a time, in milliseconds since the epoch,
   * if it is given. It is for logs that are never erased as a whole.
   */
  async countAfter(log: string, position: Position, untilMs?: number): Promise<number> {
    const { before, all } = await this.totalsAt(log, untilMs === undefined ? [] : [untilMs]);
    const count = before[0]?.count ?? all.count;
    if (position.segment === 0) return count;
    const segments = await this.#reader(log).read([position.segment]);
    const { totals, entries } = requireSegment(segments, position.segment);
    return Math.max(0, count - (totals.count - entries.length + position.index));
  }

  /** The running totals before each time, in milliseconds since the epoch, and those of the whole log. */
  async totalsAt(
    log: string,
    timesMs: readonly number[],
  ): Promise<{ before: RunningTotals[]; all: RunningTotals }> {
    const { tail, boundaries } = await this.#boundaries(log, this.#reader(log), timesMs);
    return {
      before: boundaries.map(({ before }) => before?.totals ?? noTotals),
      all: tail.segments.get(tail.lastNumber)?.totals ?? noTotals,
    };
  }

  /**
   * Finds the entry with an id that was created at a time, in milliseconds since the epoch, or at an unknown time. See
   * `findEntry`. Aborting the signal cancels it.
   */
  async find(
    log: string,
    id: string,
    createdAtMs: number | undefined,
    signal?: AbortSignal,
  ): Promise<RecordedEntry<Entry> | undefined> {
    const reader = this.#reader(log, signal);
    const { idOf } = this.#definition;
    const start = await this.#start(log, reader);
    if (start === 0) return undefined;
    const { found, lastNumber } = await findEntry(
      reader,
      this.#markers(log),
      start,
      { id, createdAtMs, idOf },
      signal,
    );
    this.#remember(log, lastNumber);
    return found;
  }

  /** Searches for entries in a log that tolerates duplicates. See `searchLog`. Aborting the signal cancels it. */
  async search(log: string, query: EntryQuery<Entry>, signal?: AbortSignal): Promise<SearchResult<Entry>> {
    const reader = this.#reader(log, signal);
    const start = await this.#start(log, reader);
    if (start === 0) return { found: [], isComplete: true, lastNumber: 0, totals: noTotals };
    const result = await searchLog(reader, start, query);
    this.#remember(log, result.lastNumber);
    return result;
  }

  /**
   * The entries of up to a hundred segments before a position, or of the newest ones, newest first, in one call. Erased entries are
   * null. Aborting the signal cancels it.
   *
   * @throws InvalidCursorError if the position is not in the log
   */
  async entriesBefore(
    log: string,
    from?: Position,
    signal?: AbortSignal,
  ): Promise<Pick<LogPage<Entry>, 'items' | 'next'>> {
    const reader = this.#reader(log, signal);
    const start = await this.#start(log, reader);
    if (start === 0 && from === undefined) return emptyPage();
    const { lastNumber, ...entries } = await readEntriesBefore(reader, start, from);
    this.#remember(log, lastNumber);
    return entries;
  }

  /** Reads all entries, oldest first, in calls of a bounded size. */
  async *entries(log: string): AsyncGenerator<RecordedEntry<Entry>> {
    for await (const { entries, recordedAt } of scanLog(this.#reader(log)))
      for (const entry of entries) if (entry !== null) yield { entry, recordedAt };
  }

  /**
   * Reads the entries in the segments from a number on, up to the current end, oldest first: those of up to a hundred segments at a
   * time, from the segment `first` up to the one before `next`.
   */
  async *entriesFrom(
    log: string,
    first: number,
  ): AsyncGenerator<{ entries: RecordedEntry<Entry>[]; first: number; next: number }> {
    const reader = this.#reader(log);
    const { lastNumber } = await this.#tail(log, reader);
    let from = first;
    for await (const segments of scanRange(reader, { first, last: lastNumber })) {
      const next = from + segments.length;
      yield { entries: segments.flatMap(recordedEntries), first: from, next };
      from = next;
    }
  }

  /**
   * Reads the entries after a position, up to the current end, oldest first, with the position after each. It reads up to a hundred
   * segments in a call.
   */
  async *entriesAfter(
    log: string,
    { segment: first, index: start }: Position,
  ): AsyncGenerator<RecordedEntry<Entry> & { position: Position }> {
    const reader = this.#reader(log);
    const { lastNumber } = await this.#tail(log, reader);
    for await (const segments of scanRange(reader, { first: Math.max(1, first), last: lastNumber }))
      for (const { number, entries, recordedAt } of segments)
        for (const [index, entry] of entries.entries())
          if (entry !== null && (number > first || index >= start))
            yield { entry, recordedAt, position: positionAfter({ segment: number, index }) };
  }

  /** Reads the segments in which entries at some places can be, oldest first, each once. See `segmentsAt`. */
  async *entriesAt(
    log: string,
    places: readonly number[],
    { skipsDamaged = false, signal }: PlacesOptions = {},
  ): AsyncGenerator<RecordedEntry<Entry> & { segment: number }> {
    for await (const segment of segmentsAt(this.#reader(log, signal), places, { skipsDamaged }))
      for (const recorded of recordedEntries(segment)) yield { ...recorded, segment: segment.number };
  }

  /**
   * Reads the entries of a placed log whose places are not stored, because an older version wrote them: see `entriesFrom`. If
   * there are none, it reads the tail only.
   */
  async *unplacedFrom(
    log: string,
    first: number,
  ): AsyncGenerator<{ entries: RecordedEntry<Entry>[]; first: number; next: number }> {
    const reader = this.#reader(log);
    const { lastNumber, segments: tail } = await this.#tail(log, reader);
    const { unplacedTo = 0 } = lineageAfter(tail.get(lastNumber), { isPlaced: true });
    let from = first;
    for await (const segments of scanRange(reader, { first, last: unplacedTo })) {
      const next = from + segments.length;
      const entries = segments.filter((segment) => !isPlaced(segment)).flatMap(recordedEntries);
      yield { entries, first: from, next };
      from = next;
    }
  }

  /**
   * Reads a log from a segment on as it is, also if it is damaged: the entries of up to a hundred segments at a time, and what is wrong
   * with these. Read from its first segment on, the last part also says whether the totals of the whole log are right; not in
   * placed logs, whose totals also count what was erased.
   */
  async *inspect(
    log: string,
    first: number,
    signal?: AbortSignal,
  ): AsyncGenerator<{
    entries: InspectedEntry<Entry>[];
    damages: Damage[];
    first: number;
    next: number;
  }> {
    const totals =
      first > 1 || this.#definition.isPlaced === true ? undefined : new TotalsCheck(this.#definition);
    let next = first;
    for await (const part of inspectLog(this.#reader(log, signal), first)) {
      totals?.add(part);
      next = part.next;
      const entries = part.segments.flatMap((segment) =>
        recordedEntries(segment).map((recorded) => ({
          ...recorded,
          segment: segment.number,
          isPlaced: isPlaced(segment),
        })),
      );
      yield { entries, damages: part.damages, first: part.first, next };
    }
    const damages = totals?.damages() ?? [];
    if (damages.length > 0) yield { entries: [], damages, first: next, next };
  }

  /** Makes a damaged log usable again: see `repairLog`. Returns false if it changed nothing. */
  async repair(log: string, options: RepairOptions): Promise<boolean> {
    try {
      return await repairLog(this.#erasable(log), this.#now(), options);
    } finally {
      this.forget(log);
    }
  }

  /** Forgets what this process knows about a log, so that it reads the log again: the store may have lost a part of it. */
  forget(log: string): void {
    this.#writers.delete(log);
    this.#lastNumbers.delete(log);
  }

  async #tail(log: string, reader: SegmentReader<Entry>): Promise<Tail<Entry>> {
    const hint = this.#lastNumbers.get(log);
    const tail = await (hint === undefined ? reader.findTail() : reader.findTailFrom(hint, 1));
    this.#remember(log, tail.lastNumber);
    return tail;
  }

  /**
   * Erases some entries in consecutive segments that exist, and keeps the running totals. Returns how many it erased.
   * Repeating it is safe.
   */
  eraseEntries(log: string, range: SegmentRange, isToErase: IsToErase<Entry>): Promise<number> {
    return this.#eraseSome(log, async (erasable) => {
      let count = 0;
      for await (const segments of scanRange(erasable.reader, range))
        count += await eraseEntries(erasable, segments, isToErase);
      return count;
    });
  }

  /** Like `eraseEntries`, in the segments in which entries at some places can be. */
  eraseEntriesAt(log: string, places: readonly number[], isToErase: IsToErase<Entry>): Promise<number> {
    return this.#eraseSome(log, (erasable) =>
      eraseEntries(erasable, segmentsAt(erasable.reader, places), isToErase),
    );
  }

  /**
   * Erases a log with its running totals. Entries that happened before the erasure and are appended later are refused.
   * Returns how many entries it erased. Repeating it is safe. `before` gets the entries, some at a time, before they are erased.
   */
  async eraseAll(log: string, before?: (entries: RecordedEntry<Entry>[]) => Promise<void>): Promise<number> {
    try {
      return await eraseAll(this.#erasable(log), this.#now(), before);
    } finally {
      // The writer still remembers erased entries; a new one starts from what the store has.
      this.#writers.delete(log);
    }
  }

  async #eraseSome(log: string, erase: (erasable: ErasableLog<Entry>) => Promise<number>): Promise<number> {
    let isUnchanged = false;
    try {
      const count = await erase(this.#erasable(log));
      isUnchanged = count === 0;
      return count;
    } finally {
      if (!isUnchanged) this.#writers.delete(log);
    }
  }

  #erasable(log: string): ErasableLog<Entry> {
    return {
      store: this.#store,
      reader: this.#reader(log),
      markers: this.#markers(log),
      definition: this.#definition,
    };
  }

  /** Empty logs are not remembered: requests for unknown names must not evict logs in use. */
  #remember(log: string, lastNumber: number): void {
    if (lastNumber > 0) this.#lastNumbers.set(log, lastNumber);
  }

  /** Where to look for the end of a log, or 0 if the log is empty. */
  async #start(log: string, reader: SegmentReader<Entry>): Promise<number> {
    return this.#lastNumbers.get(log) ?? (await reader.readStart());
  }

  async #boundaries(
    log: string,
    reader: SegmentReader<Entry>,
    timesMs: readonly number[],
  ): Promise<{ tail: Tail<Entry>; boundaries: TimeBoundary<Entry>[] }> {
    const start = await this.#start(log, reader);
    // The first segment shows which times are before the whole log.
    const tail = start === 0 ? emptyTail : await reader.findTailFrom(start, tailLength, { also: [1] });
    this.#remember(log, tail.lastNumber);
    return { tail, boundaries: await findTimeBoundaries(reader, tail, timesMs) };
  }

  #reader(log: string, signal?: AbortSignal): SegmentReader<Entry> {
    return new SegmentReader(this.#store, log, this.#decode, signal);
  }

  #markers(log: string): LateMarkers {
    return new LateMarkers(this.#store, log);
  }

  #writer(log: string): LogWriter<Entry> {
    const known = this.#writers.get(log);
    if (known !== undefined) return known;
    const writer = new LogWriter({
      store: this.#store,
      reader: this.#reader(log),
      markers: this.#markers(log),
      definition: this.#definition,
      now: this.#now,
    });
    this.#keep(log, writer);
    return writer;
  }

  #keep(log: string, writer: LogWriter<Entry>): void {
    this.#writers.set(log, writer, writerSize + writer.size);
  }
}
