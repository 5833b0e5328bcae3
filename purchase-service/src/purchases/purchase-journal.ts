import {
  currencySchema,
  journalEntrySchema,
  purchaseIdTimeMs,
  shopperKey,
  type JournalEntry,
  type JournalPage,
  type Purchase,
  type Totals,
} from '@unity-purchase/contracts';
import {
  decodeCursor,
  encodeCursor,
  isLogStart,
  mergeTotals,
  noTotals,
  NumberedLogs,
  type Damage,
  type LogDefinition,
  type LogStore,
  type PlacedOutcome,
  type PlacesOptions,
  type Position,
  type RepairOptions,
} from '@unity-purchase/numbered-log';
import { apiTotals } from './api-totals.js';
import { isWithin, shardCount, type JournalPlace } from './journal-place.js';
import { JournalShard } from './journal-shard.js';
import { mergeShards } from './merge-shards.js';

/** How many calls search each shard for a purchase from the time in its id on; they read about 1500 segments. */
const readsMax = 24;

/** How many do so for all purchases with the start of a number. They do not stop at the first one. */
const readsOfStartMax = 8;

/** Purchases are read one by one in parts of this size, so that a reader can stop after any part. */
const partLength = 100;

const entrySchema = journalEntrySchema.omit({ recordedAt: true });
type Entry = Omit<JournalEntry, 'recordedAt'>;

/** An entry of the journal without the time at which it was recorded. */
export type JournalContent = Entry;

/** An entry with the number of its segment. Version 0.1.0 wrote entries that are not placed. */
export type InspectedJournalEntry = JournalEntry & { segment: number; isPlaced: boolean };

/** Entries of a shard, what is wrong with the segments in which they are, and where the rest begins. */
export type InspectedPart = {
  entries: InspectedJournalEntry[];
  damages: Damage[];
  shard: number;
  next: JournalPlace;
};

/** Whether an erasure keeps an entry that is in a segment of a shard. */
export type IsKept = (entry: JournalContent, shard: number, segment: number) => boolean;

const idOf = ({ shopperId, purchaseId }: Entry) => JSON.stringify([shopperId, purchaseId]);

const definition: LogDefinition<Entry> = {
  schema: entrySchema,
  idOf,
  fingerprintOf: ({ total }) => `${total.amount} ${total.currency}`,
  createdAtMsOf: ({ purchaseId }) => purchaseIdTimeMs(purchaseId),
  // Shards are never erased as a whole.
  happenedAtMsOf: () => Infinity,
  amountOf: ({ total }) => ({ amount: total.amount, unit: total.currency }),
  unitSchema: currencySchema,
  // Nothing asks what is remembered. This log holds every shopper's purchases.
  rememberedMs: 0,
  // A shopper's entries are erased one by one, and what they buy again must come back.
  duplicates: 'unchecked',
  isPlaced: true,
};

const shards = Array.from({ length: shardCount }, (_, shard) => logOf(shard));

/** The result of a search. `isComplete` is false if too much was recorded since that time to search all of it. */
type FindResult = { found: JournalEntry | undefined; isComplete: boolean; totals: Totals };

/**
 * The journal: all purchases of all shoppers, a projection of the histories. It misses no purchase, because an event is
 * acknowledged only when its purchase is in the history and in the journal. It contains only what the history recorded. A
 * purchase whose event is delivered again can be in the journal again; readers drop duplicates.
 *
 * The place of every entry is stored before the entry: in the history, or in the shopper's index. So the entries of one shopper are
 * found without reading everyone's. Version 0.1.0 stored no places; what it wrote is read as a whole.
 *
 * Every method throws the store's error if the store is unavailable.
 */
export class PurchaseJournal {
  readonly #logs: NumberedLogs<Entry>;
  readonly #own: JournalShard;

  constructor(store: LogStore, now: () => Date, instanceName: string) {
    this.#logs = new NumberedLogs(store, definition, now);
    this.#own = new JournalShard(store, now, instanceName);
  }

  /** How many ids and segments this process remembers of the journal. */
  get remembered(): number {
    return this.#logs.remembered;
  }

  /** Reads what the first purchase of this process needs, so that recording it takes as few calls as any other. Never rejects. */
  prepare(): Promise<void> {
    return this.#logs.prepare(logOf(this.#own.number));
  }

  /** Claims a shard for this replica, or renews its claim: see `JournalShard.claim`. */
  async claimShard(): Promise<void> {
    const before = this.#own.number;
    await this.#own.claim();
    if (this.#own.number !== before) await this.prepare();
  }

  /** Gives up the claim of this replica, which does not append any more. */
  releaseShard(): Promise<void> {
    return this.#own.release();
  }

  /** Where this replica's next entry can be appended. Store it before the entry. @throws LogUnavailableError */
  async place(): Promise<JournalPlace> {
    const shard = this.#own.number;
    return { shard, segment: await this.#logs.place(logOf(shard)) };
  }

  /**
   * Adds a purchase at a place. The outcome is `beyond` if the place is in another replica's shard, or if the shard has grown too
   * much since: then store another place. @throws LogUnavailableError
   */
  async append(purchase: Purchase, place: JournalPlace): Promise<PlacedOutcome> {
    if (place.shard !== this.#own.number) return 'beyond';
    return this.#logs.appendAt(logOf(place.shard), contentOf(purchase), place.segment);
  }

  /** Adds a purchase at another place, which `storePlace` stores before. @throws LogUnavailableError, and what `storePlace` throws */
  async appendPlaced(purchase: Purchase, storePlace: (place: JournalPlace) => Promise<void>): Promise<void> {
    const shard = this.#own.number;
    await this.#logs.appendPlaced(logOf(shard), contentOf(purchase), (segment) =>
      storePlace({ shard, segment }),
    );
  }

  /** Whether a purchase is in the journal at a place. */
  async has({ shopper, purchaseId }: Purchase, place: JournalPlace): Promise<boolean> {
    for await (const { entry } of this.#logs.entriesAt(logOf(place.shard), [place.segment]))
      if (entry.purchaseId === purchaseId && entry.shopperId === shopper.id) return true;
    return false;
  }

  /**
   * The entries of a shopper at these places, each once, if `placesOf` has the place of the purchase, with the segment in which
   * each is. With `skipsDamaged`, segments that are missing or unreadable are left out.
   */
  async *at(
    shopper: string,
    places: readonly JournalPlace[],
    placesOf: (purchaseId: string) => readonly JournalPlace[],
    options?: PlacesOptions,
  ): AsyncGenerator<{ entry: JournalEntry; at: JournalPlace }> {
    for (const [shard, log] of shards.entries()) {
      const segments = places.filter((place) => place.shard === shard).map(({ segment }) => segment);
      if (segments.length === 0) continue;
      for await (const { entry, recordedAt, segment } of this.#logs.entriesAt(log, segments, options))
        if (
          placesOf(entry.purchaseId).some((place) => isWithin(place, shard, segment)) &&
          shopperKey(entry.shopperId) === shopper
        )
          yield { entry: { ...entry, recordedAt }, at: { shard, segment } };
    }
  }

  /** Erases all entries of a shopper at these places, except those to keep. Returns how many it erased. The totals still count them. */
  async eraseAt(shopper: string, places: readonly JournalPlace[], isKept: IsKept): Promise<number> {
    let count = 0;
    for (const [shard, log] of shards.entries()) {
      const segments = places.filter((place) => place.shard === shard).map(({ segment }) => segment);
      if (segments.length === 0) continue;
      count += await this.#logs.eraseEntriesAt(
        log,
        segments,
        (entry, { segment }) => shopperKey(entry.shopperId) === shopper && !isKept(entry, shard, segment),
      );
    }
    return count;
  }

  /**
   * All entries from a segment of a shard on, up to a hundred segments at a time, also if the journal is damaged: see
   * `NumberedLogs.inspect`.
   */
  async *inspect(from: JournalPlace, signal?: AbortSignal): AsyncGenerator<InspectedPart> {
    for (let shard = from.shard; shard < shardCount; shard += 1)
      yield* this.inspectShard(shard, shard === from.shard ? from.segment : 1, signal);
  }

  /** Like `inspect`, of one shard. */
  async *inspectShard(shard: number, first = 1, signal?: AbortSignal): AsyncGenerator<InspectedPart> {
    for await (const part of this.#logs.inspect(logOf(shard), first, signal))
      yield {
        entries: part.entries.map(({ entry, ...where }) => ({ ...entry, ...where })),
        damages: part.damages,
        shard,
        next: { shard, segment: part.next },
      };
  }

  /**
   * Makes a damaged shard usable again, without the entries that were lost. Its totals are without them, too. Returns false if it
   * changed nothing, because a segment is not readable and is not to be replaced. @throws LogUnavailableError
   */
  repair(shard: number, { replacesUnreadable }: Pick<RepairOptions, 'replacesUnreadable'>): Promise<boolean> {
    return this.#logs.repair(logOf(shard), { replacesUnreadable, totals: 'kept' });
  }

  /** The name of a shard in the store. */
  logOf(shard: number): string {
    return logOf(shard);
  }

  /** Erases the entries of one purchase with this total in a segment. The totals of the journal still count them. */
  async eraseEntry({ shopperId, purchaseId, total }: JournalContent, { shard, segment }: JournalPlace) {
    await this.#logs.eraseEntries(
      logOf(shard),
      { first: segment, last: segment },
      (entry) =>
        entry.shopperId === shopperId &&
        entry.purchaseId === purchaseId &&
        entry.total.amount === total.amount &&
        entry.total.currency === total.currency,
    );
  }

  /**
   * The entries of a shopper that version 0.1.0 wrote, from a segment of a shard on. It reads everyone's, up to a hundred segments at
   * a time, and says how many entries it read and in which segments they are.
   */
  async *unplaced(
    shopper: string,
    from: JournalPlace,
  ): AsyncGenerator<{ entries: JournalEntry[]; read: number; at: JournalPlace; next: JournalPlace }> {
    for (const [shard, log] of shards.entries()) {
      if (shard < from.shard) continue;
      const start = shard === from.shard ? from.segment : 1;
      for await (const { entries, first, next } of this.#logs.unplacedFrom(log, start))
        yield {
          entries: entries
            .filter(({ entry }) => shopperKey(entry.shopperId) === shopper)
            .map(({ entry, recordedAt }) => ({ ...entry, recordedAt })),
          read: entries.length,
          at: { shard, segment: first },
          next: { shard, segment: next },
        };
    }
  }

  /** Erases all entries of a shopper in consecutive segments, except those to keep. Returns how many it erased. */
  eraseBetween(
    shopper: string,
    { shard, segment: first }: JournalPlace,
    next: JournalPlace,
    isKept: IsKept,
  ): Promise<number> {
    return this.#logs.eraseEntries(
      logOf(shard),
      { first, last: next.segment - 1 },
      (entry, { segment }) => shopperKey(entry.shopperId) === shopper && !isKept(entry, shard, segment),
    );
  }

  /**
   * A page of all purchases, newest first, merged from the shards. A page contains each purchase once, and is shorter than
   * the limit if purchases were erased. Without a cursor it starts with the newest purchase, or with the newest one recorded
   * before `beforeMs`, in milliseconds since the epoch.
   *
   * @throws InvalidCursorError if the cursor does not come from a page of the journal
   */
  async page(limit: number, cursor: string | undefined, beforeMs?: number): Promise<JournalPage> {
    const starts =
      cursor === undefined && beforeMs !== undefined
        ? await this.#startsAt(beforeMs)
        : decodeCursor(cursor, shardCount).map(({ position }) => position);
    const pages = await Promise.all(
      shards.map((log, shard) => {
        const position = starts[shard];
        return this.#logs.page(log, limit, position && { position, direction: 'older' });
      }),
    );
    const { entries, positions } = mergeShards(pages, limit, starts, idOf);
    return {
      purchases: entries.map(({ entry, recordedAt }) => ({ ...entry, recordedAt })),
      totals: apiTotals(pages.map((page) => page.totals).reduce(mergeTotals, noTotals)),
      ...(positions.every(isLogStart) ? {} : { next: encodeCursor(positions, 'older') }),
    };
  }

  /**
   * Finds a purchase by its id alone, with the totals of all purchases. It searches all shards at once, around the time in
   * the id, or from the newest purchase on if the id has no time. If several replicas recorded the purchase, the first record
   * is returned. Aborting the signal cancels the search.
   */
  find(purchaseId: string, signal?: AbortSignal): Promise<FindResult> {
    return this.#find(purchaseId, (entry) => entry.purchaseId === purchaseId, signal);
  }

  /**
   * Purchases whose id begins with some characters, newest first, up to `foundMax`. They were created within about a minute, if
   * their ids have a time. It searches like `find`, and less far. Aborting the signal cancels the search.
   */
  async findByStart(
    start: string,
    foundMax: number,
    signal?: AbortSignal,
  ): Promise<{ found: JournalEntry[]; isComplete: boolean }> {
    const query = {
      matches: ({ purchaseId }: Entry) => purchaseId.startsWith(start),
      // The remaining digits of the time: the earliest id with this start.
      createdAtMs: purchaseIdTimeMs(`${start.padEnd(8, '0')}-0000`),
      readsMax: readsOfStartMax,
      foundMax: foundMax + 1,
    };
    const results = await Promise.all(shards.map((shard) => this.#logs.search(shard, query, signal)));
    const entries = results.flatMap(({ found }) =>
      found.map(({ entry, recordedAt }) => ({ ...entry, recordedAt })),
    );
    const found = [...new Map(entries.map((entry) => [idOf(entry), entry])).values()].sort((one, other) =>
      one.recordedAt < other.recordedAt ? 1 : -1,
    );
    const isComplete = found.length <= foundMax && results.every((result) => result.isComplete);
    return { found: found.slice(0, foundMax), isComplete };
  }

  /**
   * All purchases, newest first, some at a time, with the cursor of those after them if there are any. It reads up to a hundred
   * segments of a shard in a call. A purchase can be there twice. Aborting the signal cancels the reading.
   *
   * @throws InvalidCursorError if the cursor does not come from here
   */
  async *newestFirst(
    cursor: string | undefined,
    signal?: AbortSignal,
  ): AsyncGenerator<{ purchases: JournalEntry[]; next: string | undefined }> {
    let starts = decodeCursor(cursor, shardCount).map(({ position }) => position);
    const read = async (log: string, from: Position | undefined): Promise<EntriesBefore> =>
      from !== undefined && isLogStart(from) ? noEntries : this.#logs.entriesBefore(log, from, signal);
    let unread: EntriesBefore[] = await Promise.all(shards.map((log, shard) => read(log, starts[shard])));
    for (;;) {
      const { entries, positions } = mergeShards(unread, partLength, starts, idOf);
      starts = positions;
      unread = unread.map((part, shard) => ({ ...part, items: itemsBefore(part.items, positions[shard]) }));
      const isEnd = unread.every(({ items, next }) => items.length === 0 && next === undefined);
      yield {
        purchases: entries.map(({ entry, recordedAt }) => ({ ...entry, recordedAt })),
        next: isEnd ? undefined : encodeCursor(positions, 'older'),
      };
      if (isEnd) return;
      unread = await Promise.all(
        unread.map(async (part, shard) =>
          part.items.length === 0 && part.next !== undefined ? read(logOf(shard), part.next) : part,
        ),
      );
    }
  }

  /** Whether the journal has a purchase whose place is not known. Undefined if searching like `find` is not enough to know. */
  async contains({ shopper, purchaseId }: Purchase, signal?: AbortSignal): Promise<boolean | undefined> {
    const matches = (entry: Entry) => entry.purchaseId === purchaseId && entry.shopperId === shopper.id;
    const { found, isComplete } = await this.#find(purchaseId, matches, signal);
    return isComplete ? found !== undefined : undefined;
  }

  async #find(
    purchaseId: string,
    matches: (entry: Entry) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<FindResult> {
    const search = { isCancelled: false };
    const query = {
      matches,
      createdAtMs: purchaseIdTimeMs(purchaseId),
      readsMax,
      isCancelled: () => search.isCancelled,
    };
    const results = await Promise.all(
      shards.map(async (shard) => {
        const result = await this.#logs.search(shard, query, signal);
        if (result.found.length > 0) search.isCancelled = true;
        return result;
      }),
    );
    const [found] = results
      .flatMap((result) => result.found)
      .sort((one, other) => (one.recordedAt < other.recordedAt ? -1 : 1));
    return {
      found: found && { ...found.entry, recordedAt: found.recordedAt },
      isComplete: found !== undefined || results.every(({ isComplete }) => isComplete),
      totals: apiTotals(results.map(({ totals }) => totals).reduce(mergeTotals, noTotals)),
    };
  }

  #startsAt(timeMs: number) {
    return Promise.all(shards.map((shard) => this.#logs.positionAt(shard, timeMs)));
  }
}

type EntriesBefore = Awaited<ReturnType<NumberedLogs<Entry>['entriesBefore']>>;

const noEntries: EntriesBefore = { items: [], next: undefined };

/** The items that come after the one at a position, in the order from the newest on. All of them if none is there. */
function itemsBefore(items: EntriesBefore['items'], read: Position | undefined): EntriesBefore['items'] {
  const index = items.findIndex(
    ({ position }) => position.segment === read?.segment && position.index === read.index,
  );
  return items.slice(index + 1);
}

function contentOf({ shopper, purchaseId, total }: Purchase): Entry {
  return { shopperId: shopper.id, shopperName: shopper.name, purchaseId, total };
}

function logOf(shard: number): string {
  return `journal:${shard}`;
}
