import {
  deadLetterIdSchema,
  deadLetterReasonSchema,
  deadLetterStateSchema,
  purchaseIdSchema,
  shopperKeyPattern,
  truncationSchema,
} from '@unity-purchase/contracts';
import {
  asciiJson,
  decodeCursor,
  encodeCursor,
  entriesOf,
  NumberedLogs,
  storedValue,
  type LogDefinition,
  type LogStore,
} from '@unity-purchase/numbered-log';
import { z } from 'zod';

const time = z.iso.datetime({ precision: 3 });

const letterSchema = z.strictObject({
  version: z.literal(1),
  arrivedAt: time,
  reason: deadLetterReasonSchema,
  problems: z.array(z.string()),
  purchaseId: purchaseIdSchema.optional(),
  /** What was delivered, or only its beginning if it was larger than `keptBytesMax`. */
  base64: z.base64(),
  /** The size and the hash of everything that was delivered, if only its beginning is kept. */
  truncated: truncationSchema.optional(),
  /** The shopper of the purchase, if only the beginning is kept. Otherwise the content says who it is. */
  shopperKey: z.string().regex(shopperKeyPattern).optional(),
});

/**
 * How much of a dead letter is kept, in bytes. A store, or the sidecar before it, refuses values of megabytes, and a dead letter
 * that cannot be stored would hold up all later ones. This is four times the largest event of a purchase.
 */
export const keptBytesMax = 64 * 1024;

/** A dead letter as it arrived. It is never rewritten. */
export type Letter = z.infer<typeof letterSchema>;

const decisionSchema = z.strictObject({
  version: z.literal(1),
  state: deadLetterStateSchema,
  since: time,
  replays: z.int().min(0),
});

/** The state of a dead letter and since when. Every decision rewrites it; without one the dead letter is waiting. */
export type Decision = z.infer<typeof decisionSchema>;

const pointerSchema = z.strictObject({ version: z.literal(1), id: deadLetterIdSchema });

const entrySchema = z.strictObject({
  id: deadLetterIdSchema,
  reason: deadLetterReasonSchema,
  purchaseId: purchaseIdSchema.optional(),
  arrivedAt: time,
});

/** A dead letter in the log of all dead letters. What was delivered is stored separately, under its id. */
export type DeadLetterEntry = z.infer<typeof entrySchema>;

const log = 'dead-letters';

const definition: LogDefinition<DeadLetterEntry> = {
  schema: entrySchema,
  idOf: ({ id }) => id,
  fingerprintOf: ({ id }) => id,
  createdAtMsOf: ({ arrivedAt }) => Date.parse(arrivedAt),
  happenedAtMsOf: ({ arrivedAt }) => Date.parse(arrivedAt),
  amountOf: () => undefined,
  rememberedMs: 60_000,
  // A dead letter that is delivered twice can be in the log twice. Decisions are stored by id, so they stay unique.
  duplicates: 'tolerated',
};

const keys = {
  letter: (id: string) => `dead-letter:${id}`,
  decision: (id: string) => `dead-letter-decision:${id}`,
  ofPurchase: (shopper: string, purchaseId: string) => `dead-letter-of:${shopper}:${purchaseId}`,
};

const readLetter = storedValue(letterSchema);
const readDecision = storedValue(decisionSchema);
const readPointer = storedValue(pointerSchema);

/** The purchase of a dead letter, by shopper key and purchase id. */
export type PurchaseKey = { shopperKey: string; purchaseId: string };

/**
 * How dead letters are stored: the letter and the decision under the dead letter's id, a pointer from the purchase to the
 * dead letter, and a log of all dead letters.
 *
 * Every method throws the store's error if the store is unavailable.
 */
export class DeadLetterRecords {
  readonly #store: LogStore;
  readonly #logs: NumberedLogs<DeadLetterEntry>;

  constructor(store: LogStore, now: () => Date) {
    this.#store = store;
    this.#logs = new NumberedLogs(store, definition, now);
  }

  /**
   * Stores a dead letter, unless it is already stored. The letter comes first, so that the next delivery completes whatever
   * an interruption leaves out.
   */
  async create(id: string, letter: Letter, purchase: PurchaseKey | undefined): Promise<void> {
    const key = keys.letter(id);
    const created = await this.#store.createIfAbsent(key, asciiJson(letter));
    if (!created.created && !(await this.#store.getBulk([key])).has(key))
      throw new Error('the dead letter could not be stored', { cause: created.cause });
    if (purchase !== undefined) await this.#store.save(pointerKey(purchase), asciiJson({ version: 1, id }));
    const { reason, purchaseId, arrivedAt } = letter;
    await this.#logs.append(log, {
      id,
      reason,
      ...(purchaseId === undefined ? {} : { purchaseId }),
      arrivedAt,
    });
  }

  /** A letter and its decision, as far as they exist. */
  async read(id: string): Promise<{ letter: Letter | undefined; decision: Decision | undefined }> {
    const values = await this.#store.getBulk([keys.letter(id), keys.decision(id)]);
    return { letter: readLetter(values, keys.letter(id)), decision: readDecision(values, keys.decision(id)) };
  }

  async readLetter(id: string): Promise<Letter | undefined> {
    return readLetter(await this.#store.getBulk([keys.letter(id)]), keys.letter(id));
  }

  async readDecision(id: string): Promise<Decision | undefined> {
    return readDecision(await this.#store.getBulk([keys.decision(id)]), keys.decision(id));
  }

  async writeDecision(id: string, decision: Decision): Promise<void> {
    await this.#store.save(keys.decision(id), asciiJson(decision));
  }

  /** The id of a purchase's dead letter, if there is one. */
  async idOfPurchase(purchase: PurchaseKey): Promise<string | undefined> {
    const key = pointerKey(purchase);
    return readPointer(await this.#store.getBulk([key]), key)?.id;
  }

  /**
   * A page of entries, newest first, each id once, with their decisions.
   *
   * @throws InvalidCursorError if the cursor does not come from a page of the dead letters
   */
  async page(
    limit: number,
    cursor: string | undefined,
  ): Promise<{ items: { entry: DeadLetterEntry; decision: Decision | undefined }[]; next?: string }> {
    const [from] = decodeCursor(cursor, 1);
    const page = await this.#logs.page(log, limit, from);
    const entries = new Map(entriesOf(page).map(({ entry }) => [entry.id, entry]));
    const decisions = await this.#store.getBulk([...entries.keys()].map(keys.decision));
    return {
      items: [...entries.values()].map((entry) => ({
        entry,
        decision: readDecision(decisions, keys.decision(entry.id)),
      })),
      ...(page.next === undefined ? {} : { next: encodeCursor([page.next], 'older') }),
    };
  }

  /** All dead letters, oldest first, each id once. `letter` is undefined if an erasure of it was interrupted. */
  async *all(): AsyncGenerator<{ id: string; letter: Letter | undefined }> {
    const seen = new Set<string>();
    for await (const { entry } of this.#logs.entries(log)) {
      const { id } = entry;
      if (seen.has(id)) continue;
      seen.add(id);
      yield { id, letter: await this.readLetter(id) };
    }
  }

  /** Deletes a dead letter with its decision and pointer. Its log entry remains: see `eraseEntries`. */
  async delete(id: string, purchase: PurchaseKey | undefined): Promise<void> {
    if (purchase !== undefined) await this.#store.delete(pointerKey(purchase));
    await this.#store.delete(keys.decision(id));
    await this.#store.delete(keys.letter(id));
  }

  /** Erases the log entries of dead letters that were deleted. */
  async eraseEntries(ids: ReadonlySet<string>): Promise<void> {
    await this.#logs.eraseEntries(log, ({ id }) => ids.has(id));
  }
}

function pointerKey({ shopperKey, purchaseId }: PurchaseKey): string {
  return keys.ofPurchase(shopperKey, purchaseId);
}
