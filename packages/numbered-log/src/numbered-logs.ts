import type { Totals } from '@unity-purchase/contracts';
import { BoundedMap } from './bounded-map.js';
import type { LogDefinition } from './log-definition.js';
import { eraseAll, eraseEntries, type ErasedLog } from './log-erasure.js';
import { beginning, readLogPage, type From, type LogPage, type Place, type Recorded } from './log-page.js';
import { scanLog } from './log-scan.js';
import { findInLog, findMoments, tailLength, type Finding, type Moment, type Wanted } from './log-search.js';
import type { LogStore } from './log-store.js';
import { LogWriter, type AppendOutcome, type Foresight } from './log-writer.js';
import { SegmentReader, type Tail } from './segment-reader.js';
import { noTotals } from './totals.js';

/** How many logs are remembered: their ends by readers (a number each), their recent identities by writers. */
const endsMax = 50_000;
const writersMax = 5000;

/**
 * All logs of one kind, by name. A log is a series of segments `<log>:1`, `<log>:2`, …, each created once and rewritten by
 * nothing but an erasure. It exists from its first entry on; reading one that does not exist finds nothing.
 */
export class NumberedLogs<Entry> {
  readonly #store: LogStore;
  readonly #definition: LogDefinition<Entry>;
  readonly #now: () => Date;
  /** Where each log ended when this process last looked: never wrong, at most behind. */
  readonly #ends = new BoundedMap<string, number>(endsMax);
  readonly #writers = new BoundedMap<string, LogWriter<Entry>>(writersMax, (writer) => writer.idle);

  constructor(store: LogStore, definition: LogDefinition<Entry>, now: () => Date) {
    this.#store = store;
    this.#definition = definition;
    this.#now = now;
  }

  /** Appends an entry once, however often and wherever it is tried. @throws LogUnavailableError */
  append(log: string, entry: Entry): Promise<AppendOutcome> {
    return this.#writer(log).append(entry);
  }

  /** How appending an entry would end, as far as is in memory. */
  foresee(log: string, entry: Entry): Foresight {
    return this.#writer(log).foresee(entry);
  }

  /** A page of entries, newest first: see `readLogPage`. @throws UnknownPlaceError, or the store's error */
  async page(log: string, limit: number, from?: From): Promise<LogPage<Entry>> {
    const reader = this.#reader(log);
    const page = await readLogPage(reader, await this.#end(log, reader), limit, from);
    this.#remember(log, page.end);
    return page;
  }

  /**
   * As `page`, of what was recorded from a time on and before another, in milliseconds since the epoch. The totals are those
   * of the whole log.
   */
  async pageBetween(
    log: string,
    limit: number,
    { fromMs, toMs }: { fromMs: number; toMs: number },
    from?: From,
  ): Promise<LogPage<Entry>> {
    const reader = this.#reader(log);
    const { tail, moments } = await this.#moments(log, reader, [fromMs, toMs]);
    const [first = 1, after = 1] = moments.map((moment) => moment.first);
    return readLogPage(reader, tail.number, limit, from, { first, last: after - 1 });
  }

  /** The place that what was recorded before a time stands before. @throws the store's error */
  async placeAt(log: string, timeMs: number): Promise<Place> {
    const { moments } = await this.#moments(log, this.#reader(log), [timeMs]);
    const before = moments[0]?.before;
    return before === undefined ? beginning : { segment: before.number, index: before.entries.length };
  }

  /** The totals of what was recorded before each of some times, and of the whole log. @throws the store's error */
  async totalsAt(log: string, timesMs: readonly number[]): Promise<{ before: Totals[]; all: Totals }> {
    const { tail, moments } = await this.#moments(log, this.#reader(log), timesMs);
    return {
      before: moments.map(({ before }) => before?.totals ?? noTotals),
      all: tail.segments.get(tail.number)?.totals ?? noTotals,
    };
  }

  /** The entry with an identity, which came into being at `mintedMs`. @throws the store's error */
  async find(log: string, identity: string, mintedMs: number): Promise<Recorded<Entry> | undefined> {
    const isWanted = (entry: Entry) => this.#definition.identityOf(entry) === identity;
    return (await this.search(log, { isWanted, mintedMs })).found;
  }

  /** Looks for an entry by something else than its identity: see `findInLog`. @throws the store's error */
  async search(log: string, wanted: Wanted<Entry>): Promise<Finding<Entry>> {
    const reader = this.#reader(log);
    const finding = await findInLog(reader, await this.#end(log, reader), wanted);
    this.#remember(log, finding.end);
    return finding;
  }

  /** All entries, oldest first, in calls of a bounded size. @throws the store's error */
  async *entries(log: string): AsyncGenerator<Recorded<Entry>> {
    for await (const { entries, recordedAt } of scanLog(this.#reader(log)))
      for (const entry of entries) if (entry !== null) yield { entry, recordedAt };
  }

  /** Erases the chosen of all entries recorded since a time, and keeps the totals; gives how many. Again is safe. */
  eraseEntries(log: string, isErased: (entry: Entry) => boolean, sinceMs = -Infinity): Promise<number> {
    return this.#erase(log, (erased) => eraseEntries(erased, isErased, sinceMs));
  }

  /** Erases a log with its totals, and whatever occurred until now and is appended later; gives how many entries. */
  eraseAll(log: string): Promise<number> {
    return this.#erase(log, (erased) => eraseAll(erased, this.#now()));
  }

  async #erase(log: string, erase: (erased: ErasedLog<Entry>) => Promise<number>): Promise<number> {
    try {
      return await erase({ store: this.#store, reader: this.#reader(log), definition: this.#definition });
    } finally {
      // A writer remembers what is no longer there; the next one begins with what is.
      this.#writers.delete(log);
    }
  }

  /** An empty log is not remembered: names that somebody only tries must not push out those that are used. */
  #remember(log: string, end: number): void {
    if (end > 0) this.#ends.set(log, end);
  }

  async #end(log: string, reader: SegmentReader<Entry>): Promise<number> {
    return this.#ends.get(log) ?? (await reader.readHint());
  }

  async #moments(
    log: string,
    reader: SegmentReader<Entry>,
    timesMs: readonly number[],
  ): Promise<{ tail: Tail<Entry>; moments: Moment<Entry>[] }> {
    const tail = await reader.findTail(await this.#end(log, reader), tailLength);
    this.#remember(log, tail.number);
    return { tail, moments: await findMoments(reader, tail, timesMs) };
  }

  #reader(log: string): SegmentReader<Entry> {
    return new SegmentReader(this.#store, log, this.#definition);
  }

  #writer(log: string): LogWriter<Entry> {
    const known = this.#writers.get(log);
    if (known !== undefined) return known;
    const writer = new LogWriter({
      store: this.#store,
      reader: this.#reader(log),
      definition: this.#definition,
      now: this.#now,
    });
    this.#writers.set(log, writer);
    return writer;
  }
}
