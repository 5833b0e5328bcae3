import { createHash } from 'node:crypto';
import {
  journalEntrySchema,
  purchaseIdTimeMs,
  shopperKey,
  type JournalEntry,
  type JournalPage,
  type Purchase,
  type Totals,
} from '@unity-purchase/contracts';
import {
  beginning,
  fromCursor,
  isBeginning,
  mergeTotals,
  noTotals,
  NumberedLogs,
  placeAfter,
  readPlaces,
  writePlaces,
  type AppendOutcome,
  type LogDefinition,
  type LogPage,
  type LogStore,
  type Place,
} from '@unity-purchase/numbered-log';

/**
 * With one log for all, every purchase would race for its next number. A replica keeps to the shard that its name hashes
 * to; two that meet in one are slower, not wrong.
 */
const shardCount = 16;

/** How many calls a purchase is looked for in each shard, once the time in its id is found: some 1500 segments. */
const scansMax = 24;

const entrySchema = journalEntrySchema.omit({ recordedAt: true });
type Entry = Omit<JournalEntry, 'recordedAt'>;

const identityOf = ({ shopperId, purchaseId }: Entry) => JSON.stringify([shopperId, purchaseId]);

const definition: LogDefinition<Entry> = {
  schema: entrySchema,
  identityOf,
  fingerprintOf: ({ total }) => `${total.amount} ${total.currency}`,
  mintedMsOf: ({ purchaseId }) => purchaseIdTimeMs(purchaseId),
  occurredMsOf: ({ purchaseId }) => purchaseIdTimeMs(purchaseId),
  amountOf: ({ total }) => total,
  // Enough for an event that comes again because its answer was late; this log holds what all shoppers buy.
  keptMs: 60_000,
  repeats: 'tolerated',
};

const allLogs = Array.from({ length: shardCount }, (_, shard) => logOf(shard));

/**
 * An index of all purchases of all shoppers. It misses none: an event is acknowledged after its purchase stands in the
 * history and here. One that was delivered to two replicas may stand here twice; readers drop repeats.
 */
export class PurchaseJournal {
  readonly #logs: NumberedLogs<Entry>;
  readonly #ownShard: string;

  constructor(store: LogStore, now: () => Date, instanceName: string) {
    this.#logs = new NumberedLogs(store, definition, now);
    this.#ownShard = logOf(createHash('sha256').update(instanceName).digest().readUInt32BE(0) % shardCount);
  }

  append({ shopper, purchaseId, total }: Purchase): Promise<AppendOutcome> {
    return this.#logs.append(this.#ownShard, { shopperId: shopper.id, purchaseId, total });
  }

  /** All entries of a shopper; one that was delivered to two replicas may come twice. */
  async *ofShopper(shopper: string): AsyncGenerator<JournalEntry> {
    for (const log of allLogs)
      for await (const { entry, recordedAt } of this.#logs.entries(log))
        if (shopperKey(entry.shopperId) === shopper) yield { ...entry, recordedAt };
  }

  /** Erases all entries of a shopper; the totals still count them. Gives how many there were. */
  async erase(shopper: string): Promise<number> {
    let count = 0;
    for (const log of allLogs)
      count += await this.#logs.eraseEntries(log, ({ shopperId }) => shopperKey(shopperId) === shopper);
    return count;
  }

  /** Takes back what this replica appended since a time. */
  async retract({ shopper, purchaseId }: Purchase, sinceMs: number): Promise<void> {
    const isRetracted = (entry: Entry) => entry.shopperId === shopper.id && entry.purchaseId === purchaseId;
    await this.#logs.eraseEntries(this.#ownShard, isRetracted, sinceMs);
  }

  /**
   * A page of all purchases, newest first, merged from the shards; each purchase once in a page. It is shorter than the limit
   * where purchases were erased. Without a cursor it begins with what was recorded before a time, in milliseconds since the
   * epoch, if there is one.
   *
   * @throws AppError 400 for a cursor that no page gave
   */
  async page(limit: number, cursor: string | undefined, beforeMs?: number): Promise<JournalPage> {
    const from = cursor === undefined ? await this.#placesAt(beforeMs) : readPlaces(cursor, shardCount);
    const shards = await fromCursor(() =>
      Promise.all(
        allLogs.map((log, shard) => {
          const place = from?.[shard];
          return this.#logs.page(log, limit, place && { place, towards: 'older' });
        }),
      ),
    );
    const { entries, places } = merge(shards, limit, from);
    return {
      purchases: entries,
      totals: shards.map((shard) => shard.totals).reduce(mergeTotals, noTotals),
      ...(places.every(isBeginning) ? {} : { next: writePlaces(places) }),
    };
  }

  /**
   * The purchase with an id, whoever bought it, with the totals of all purchases. It is looked for in all shards at once, around
   * the time in the id. `isWhole` is false where so much was recorded then that not everything was looked at.
   */
  async find(
    purchaseId: string,
  ): Promise<{ found: JournalEntry | undefined; isWhole: boolean; totals: Totals }> {
    const search = { isOver: false };
    const wanted = {
      isWanted: (entry: Entry) => entry.purchaseId === purchaseId,
      mintedMs: purchaseIdTimeMs(purchaseId),
      scansMax,
      isOver: () => search.isOver,
    };
    const findings = await Promise.all(
      allLogs.map(async (log) => {
        const finding = await this.#logs.search(log, wanted);
        if (finding.found !== undefined) search.isOver = true;
        return finding;
      }),
    );
    const [found] = findings
      .flatMap((finding) => finding.found ?? [])
      .sort((one, other) => (one.recordedAt < other.recordedAt ? -1 : 1));
    return {
      found: found && { ...found.entry, recordedAt: found.recordedAt },
      isWhole: found !== undefined || findings.every(({ isWhole }) => isWhole),
      totals: findings.map(({ totals }) => totals).reduce(mergeTotals, noTotals),
    };
  }

  #placesAt(timeMs: number | undefined): Promise<Place[]> | undefined {
    return timeMs === undefined
      ? undefined
      : Promise.all(allLogs.map((log) => this.#logs.placeAt(log, timeMs)));
  }
}

function logOf(shard: number): string {
  return `journal:${shard}`;
}

/**
 * Takes the newest of all shards' next entries, over and over. A place stays where its shard was read up to. Where one has
 * more entries than were read, the next may be the newest: the page ends.
 */
function merge(shards: readonly LogPage<Entry>[], limit: number, from: readonly Place[] | undefined) {
  const places = shards.map(({ items }, shard) => from?.[shard] ?? endOf(items[0]?.place));
  const next = shards.map(() => 0);
  const entries = new Map<string, JournalEntry>();
  while (entries.size < limit) {
    const shard = shardOfNewest(shards, next);
    const item = shards[shard]?.items[next[shard] ?? 0];
    if (item === undefined) break;
    const { entry, recordedAt, place } = item;
    next[shard] = (next[shard] ?? 0) + 1;
    places[shard] = place;
    if (entry !== null && !entries.has(identityOf(entry)))
      entries.set(identityOf(entry), { ...entry, recordedAt });
    if (shards[shard]?.next !== undefined && next[shard] === shards[shard].items.length) break;
  }
  return { entries: [...entries.values()], places };
}

/** The shard whose next item was recorded last, or -1 if none has any left. */
function shardOfNewest(shards: readonly LogPage<Entry>[], next: readonly number[]): number {
  let newest = -1;
  let newestAt = '';
  shards.forEach(({ items }, shard) => {
    // Times of one format compare as texts.
    const recordedAt = items[next[shard] ?? 0]?.recordedAt ?? '';
    if (recordedAt > newestAt) [newest, newestAt] = [shard, recordedAt];
  });
  return newest;
}

function endOf(newest: Place | undefined): Place {
  return newest === undefined ? beginning : placeAfter(newest);
}
