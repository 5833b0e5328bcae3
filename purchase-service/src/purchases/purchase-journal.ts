import { createHash } from 'node:crypto';
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
  type AppendOutcome,
  type LogDefinition,
  type LogStore,
} from '@unity-purchase/numbered-log';
import { apiTotals } from './api-totals.js';
import { mergeShards } from './merge-shards.js';

/**
 * How many logs the journal consists of. With a single log, every purchase would race for its next number. A replica appends
 * only to the shard that its name hashes to; two replicas in one shard are slower, but still correct.
 */
const shardCount = 16;

/** How many calls search each shard for a purchase from the time in its id on; they read about 1500 segments. */
const readsMax = 24;

const entrySchema = journalEntrySchema.omit({ recordedAt: true });
type Entry = Omit<JournalEntry, 'recordedAt'>;

const idOf = ({ shopperId, purchaseId }: Entry) => JSON.stringify([shopperId, purchaseId]);

const definition: LogDefinition<Entry> = {
  schema: entrySchema,
  idOf,
  fingerprintOf: ({ total }) => `${total.amount} ${total.currency}`,
  createdAtMsOf: ({ purchaseId }) => purchaseIdTimeMs(purchaseId),
  happenedAtMsOf: ({ purchaseId }) => purchaseIdTimeMs(purchaseId),
  amountOf: ({ total }) => ({ amount: total.amount, unit: total.currency }),
  unitSchema: currencySchema,
  // Enough for an event that is redelivered because its response was late. This log holds every shopper's purchases.
  rememberedMs: 60_000,
  duplicates: 'tolerated',
};

const shards = Array.from({ length: shardCount }, (_, shard) => logOf(shard));

/** The result of a search. `isComplete` is false if too much was recorded since that time to search all of it. */
type FindResult = { found: JournalEntry | undefined; isComplete: boolean; totals: Totals };

/**
 * The journal: all purchases of all shoppers, a projection of the histories. It misses no purchase, because an event is
 * acknowledged only when its purchase is in the history and in the journal. It contains only what the history recorded. A
 * purchase whose event is delivered again can be in the journal again; readers drop duplicates.
 *
 * Every method throws the store's error if the store is unavailable.
 */
export class PurchaseJournal {
  readonly #logs: NumberedLogs<Entry>;
  readonly #ownShard: string;

  constructor(store: LogStore, now: () => Date, instanceName: string) {
    this.#logs = new NumberedLogs(store, definition, now);
    this.#ownShard = logOf(createHash('sha256').update(instanceName).digest().readUInt32BE(0) % shardCount);
  }

  /** Reads what the first purchase of this process needs, so that recording it takes as few calls as any other. Never rejects. */
  prepare(): Promise<void> {
    return this.#logs.prepare(this.#ownShard);
  }

  /** Adds a purchase to this replica's shard. @throws LogUnavailableError */
  append({ shopper, purchaseId, total }: Purchase): Promise<AppendOutcome> {
    return this.#logs.append(this.#ownShard, { shopperId: shopper.id, purchaseId, total });
  }

  /** All entries of a shopper. `onRead` is called for each entry of any shopper. A purchase that was delivered to two replicas can appear twice. */
  async *ofShopper(shopper: string, onRead: () => void = () => undefined): AsyncGenerator<JournalEntry> {
    for (const shard of shards)
      for await (const { entry, recordedAt } of this.#logs.entries(shard)) {
        onRead();
        if (shopperKey(entry.shopperId) === shopper) yield { ...entry, recordedAt };
      }
  }

  /**
   * Erases all entries of a shopper, shard by shard, and yields how many there were in each. The totals still count them.
   * `onRead` is called for each entry of any shopper.
   */
  async *erase(shopper: string, onRead: () => void = () => undefined): AsyncGenerator<number, void> {
    const isOfShopper = ({ shopperId }: Entry) => {
      onRead();
      return shopperKey(shopperId) === shopper;
    };
    for (const shard of shards) yield await this.#logs.eraseEntries(shard, isOfShopper);
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
   * the id. If several replicas recorded the purchase, the first record is returned. Aborting the signal cancels the search.
   */
  async find(purchaseId: string, signal?: AbortSignal): Promise<FindResult> {
    const search = { isCancelled: false };
    const query = {
      matches: (entry: Entry) => entry.purchaseId === purchaseId,
      createdAtMs: purchaseIdTimeMs(purchaseId),
      readsMax,
      isCancelled: () => search.isCancelled,
    };
    const results = await Promise.all(
      shards.map(async (shard) => {
        const result = await this.#logs.search(shard, query, signal);
        if (result.found !== undefined) search.isCancelled = true;
        return result;
      }),
    );
    const [found] = results
      .flatMap((result) => result.found ?? [])
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

function logOf(shard: number): string {
  return `journal:${shard}`;
}
