import { deadLetterIdSchema } from '@unity-purchase/contracts';
import {
  NumberedLogs,
  type Damage,
  type LogDefinition,
  type LogStore,
  type RepairOptions,
} from '@unity-purchase/numbered-log';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { journalPlaceSchema, type JournalPlace } from '../purchases/journal-place.js';

const entrySchema = z.union([
  z.object({
    kind: z.literal('journal'),
    /** Enough of a hash of the purchase id to tell the shopper's purchases apart, and too little to say which they were. */
    purchase: z.string().regex(/^[0-9a-f]{8}$/),
    place: journalPlaceSchema,
  }),
  z.object({
    kind: z.literal('dead-letter'),
    id: deadLetterIdSchema,
    /** The place in the log of all dead letters. */
    segment: z.int().min(1),
  }),
]);

/** Where something about a shopper is stored, if their history does not say it. It says nothing about the shopper. */
export type IndexEntry = z.infer<typeof entrySchema>;

export type JournalReference = Extract<IndexEntry, { kind: 'journal' }>;

export type DeadLetterReference = Extract<IndexEntry, { kind: 'dead-letter' }>;

const definition: LogDefinition<IndexEntry> = {
  schema: entrySchema,
  idOf: (entry) => JSON.stringify(entry),
  fingerprintOf: () => '',
  createdAtMsOf: () => undefined,
  happenedAtMsOf: () => Infinity,
  amountOf: () => undefined,
  rememberedMs: 0,
  duplicates: 'tolerated',
};

/**
 * What is being stored at the moment of an erasure can be stored after it. For this long, the index keeps where that may be, so
 * that the next erasure finds it. It is much longer than a delivery takes, for any clocks.
 */
const keptMs = 60 * 60_000;

/** The index of dead letters that name more shoppers than an index entry each is worth. It is read for every shopper. */
export const manyShoppers = 'many';

/**
 * For each shopper, where their dead letters are, and their entries in the journal that are not where their history says. An entry
 * is stored before what it refers to, so nothing about a shopper is ever stored where neither says it. What an entry
 * refers to may not exist.
 *
 * Every method throws the store's error if the store is unavailable.
 */
export class ShopperIndex {
  readonly #logs: NumberedLogs<IndexEntry>;
  readonly #now: () => Date;

  constructor(store: LogStore, now: () => Date) {
    this.#logs = new NumberedLogs(store, definition, now);
    this.#now = now;
  }

  /** Notes where an entry of the journal is going to be. @throws LogUnavailableError */
  async addJournalEntry(shopper: string, purchaseId: string, place: JournalPlace): Promise<void> {
    await this.#logs.append(logOf(shopper), { kind: 'journal', purchase: tagOf(purchaseId), place });
  }

  /** Notes where the entries of purchases may be that are being erased. @throws LogUnavailableError */
  async addErased(
    shopper: string,
    purchases: readonly { purchaseId: string; place: JournalPlace }[],
  ): Promise<void> {
    await Promise.all(
      purchases.map(({ purchaseId, place }) => this.addJournalEntry(shopper, purchaseId, place)),
    );
  }

  /** Notes that a dead letter is about a shopper, or about `manyShoppers`. @throws LogUnavailableError */
  async addDeadLetter(shopper: string, id: string, segment: number): Promise<void> {
    await this.#logs.append(logOf(shopper), { kind: 'dead-letter', id, segment });
  }

  /** All entries about a shopper, those of up to a hundred segments at a time. See `NumberedLogs.entriesFrom`. */
  async *ofShopper(
    shopper: string,
    first = 1,
  ): AsyncGenerator<{ references: IndexEntry[]; first: number; next: number }> {
    for await (const { entries, ...range } of this.#logs.entriesFrom(logOf(shopper), first))
      yield { references: entries.map(({ entry }) => entry), ...range };
  }

  /** Like `ofShopper`, also if the index is damaged: see `NumberedLogs.inspect`. */
  async *inspect(
    shopper: string,
    signal?: AbortSignal,
  ): AsyncGenerator<{ references: IndexEntry[]; damages: Damage[] }> {
    for await (const { entries, damages } of this.#logs.inspect(logOf(shopper), 1, signal))
      yield { references: entries.map(({ entry }) => entry), damages };
  }

  /**
   * Makes a damaged index usable again, without the entries that were lost. Returns false if it changed nothing, because a segment is
   * not readable and is not to be replaced. @throws LogUnavailableError
   */
  repair(
    shopper: string,
    { replacesUnreadable }: Pick<RepairOptions, 'replacesUnreadable'>,
  ): Promise<boolean> {
    return this.#logs.repair(logOf(shopper), { replacesUnreadable, totals: 'kept' });
  }

  /** The name of a shopper's index in the store. */
  logOf(shopper: string): string {
    return logOf(shopper);
  }

  /** Whether something recorded at a time may still be in progress somewhere. */
  isRecent(recordedAt: string): boolean {
    return Date.parse(recordedAt) > this.#now().getTime() - keptMs;
  }

  /** Erases the entries in these segments of a shopper's index, apart from the recent ones. */
  async forget(shopper: string, first: number, next: number): Promise<void> {
    await this.#logs.eraseEntries(
      logOf(shopper),
      { first, last: next - 1 },
      (_entry, { recordedAt }) => !this.isRecent(recordedAt),
    );
  }
}

/** Whether an index entry can be about a purchase. */
export function isAboutPurchase({ purchase }: JournalReference, purchaseId: string): boolean {
  return purchase === tagOf(purchaseId);
}

function tagOf(purchaseId: string): string {
  return createHash('sha256').update(purchaseId).digest('hex').slice(0, 8);
}

function logOf(shopper: string): string {
  return `shopper-index:${shopper}`;
}
