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
  clockDifferenceMaxMs,
  decodeCursor,
  encodeCursor,
  logStart,
  LogUnavailableError,
  NumberedLogs,
  storedValue,
  type LogDefinition,
  type LogStore,
  type Position,
  type ReadFrom,
} from '@unity-purchase/numbered-log';
import { z } from 'zod';
import type { ShopperIndex } from '../shoppers/shopper-index.js';

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

/**
 * Why a dead letter was discarded. It is stored next to the decision, because version 0.1.0 cannot read a decision that has more. It
 * belongs to the decision with the same time, so it never explains another one.
 */
const discardSchema = z.strictObject({ version: z.literal(1), since: time, reason: z.string() });

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
  isPlaced: true,
};

/** How many dead letters one call reads: a sidecar passes 4 MiB, and base64 takes a third more than `keptBytesMax`. */
const lettersPerCall = 40;

const keys = {
  letter: (id: string) => `dead-letter:${id}`,
  decision: (id: string) => `dead-letter-decision:${id}`,
  replay: (id: string) => `dead-letter-replay:${id}`,
  discard: (id: string) => `dead-letter-discard:${id}`,
  ofPurchase: (shopper: string, purchaseId: string) => `dead-letter-of:${shopper}:${purchaseId}`,
};

const readLetter = storedValue(letterSchema);
const readDecision = storedValue(decisionSchema);
const readDiscard = storedValue(discardSchema);
const readPointer = storedValue(pointerSchema);

/** The keys that `decisionIn` needs. */
const decisionKeys = (id: string) => [keys.decision(id), keys.replay(id)];

/** The decision about a dead letter. It waits again if its replay began and did not end: maybe nothing was published. */
function decisionIn(values: ReadonlyMap<string, string>, id: string): Decision | undefined {
  const decision = readDecision(values, keys.decision(id));
  const isInterrupted = decision?.state === 'replayed' && values.has(keys.replay(id));
  return isInterrupted ? { ...decision, state: 'waiting' } : decision;
}

/** Why a dead letter was discarded, if the decision says that it was. */
function reasonIn(
  values: ReadonlyMap<string, string>,
  id: string,
  decision: Decision | undefined,
): string | undefined {
  if (decision?.state !== 'discarded') return undefined;
  const discard = readDiscard(values, keys.discard(id));
  return discard?.since === decision.since ? discard.reason : undefined;
}

/** The purchase of a dead letter, by shopper key and purchase id. */
export type PurchaseKey = { shopperKey: string; purchaseId: string };

/** What is stored about a dead letter, as far as it exists. */
export type StoredLetter = {
  letter: Letter | undefined;
  decision: Decision | undefined;
  discardReason: string | undefined;
};

/** An entry of the log with the decision about its dead letter. */
export type DecidedEntry = { entry: DeadLetterEntry; decision: Decision | undefined };

/** The time in which dead letters arrived, in milliseconds since the epoch: from one time until before another. */
export type Period = { fromMs?: number | undefined; beforeMs?: number | undefined };

/** How many decisions one call reads. */
const decisionsPerCall = 100;

/** Some of the log's entries, newest first, each with the cursor of those before it, and how many were read to find them. */
export type EntriesPart = {
  entries: (DecidedEntry & { next: string })[];
  looked: number;
  /** The cursor of the rest, if there is one. */
  next?: string;
};

/** The cursor of the entries before a position. */
function olderThan(position: Position): string {
  return encodeCursor([position], 'older');
}

/**
 * How dead letters are stored: the letter and the decision under the dead letter's id, a pointer from the purchase to the
 * dead letter, and a log of all dead letters.
 *
 * Every method throws the store's error if the store is unavailable.
 */
export class DeadLetterRecords {
  readonly #store: LogStore;
  readonly #logs: NumberedLogs<DeadLetterEntry>;
  readonly #index: Pick<ShopperIndex, 'addDeadLetter'>;

  constructor(store: LogStore, index: Pick<ShopperIndex, 'addDeadLetter'>, now: () => Date) {
    this.#store = store;
    this.#index = index;
    this.#logs = new NumberedLogs(store, definition, now);
  }

  /**
   * Stores a dead letter, unless it is already stored. The index of each shopper that it is about comes first, so that an erasure
   * finds whatever an interruption leaves. The next delivery completes it.
   */
  async create(
    id: string,
    letter: Letter,
    purchase: PurchaseKey | undefined,
    shoppers: readonly string[],
  ): Promise<void> {
    let isLetterStored = false;
    await this.#logs.appendPlaced(log, entryOf(id, letter), async (place) => {
      await Promise.all(shoppers.map((shopper) => this.#index.addDeadLetter(shopper, id, place)));
      // At another place it is the same letter, which an erasure may have deleted meanwhile.
      if (!isLetterStored) await this.#createLetter(id, letter, purchase);
      isLetterStored = true;
    });
  }

  async #createLetter(id: string, letter: Letter, purchase: PurchaseKey | undefined): Promise<void> {
    const key = keys.letter(id);
    const created = await this.#store.createIfAbsent(key, asciiJson(letter));
    if (!created.created && !(await this.#store.getBulk([key])).has(key))
      throw new Error('the dead letter could not be stored', { cause: created.cause });
    if (purchase !== undefined) await this.#store.save(pointerKey(purchase), asciiJson({ version: 1, id }));
  }

  async read(id: string): Promise<StoredLetter> {
    const [stored] = await this.readAll([id]);
    return stored ?? { letter: undefined, decision: undefined, discardReason: undefined };
  }

  /** What is stored about some dead letters, in their order. One call passes about forty of the largest ones. */
  async readAll(ids: readonly string[], signal?: AbortSignal): Promise<StoredLetter[]> {
    const values = await this.#store.getBulk(
      ids.flatMap((id) => [keys.letter(id), ...decisionKeys(id), keys.discard(id)]),
      { signal },
    );
    return ids.map((id) => {
      const decision = decisionIn(values, id);
      return {
        letter: readLetter(values, keys.letter(id)),
        decision,
        discardReason: reasonIn(values, id, decision),
      };
    });
  }

  async readLetter(id: string): Promise<Letter | undefined> {
    return readLetter(await this.#store.getBulk([keys.letter(id)]), keys.letter(id));
  }

  async readDecision(id: string, signal?: AbortSignal): Promise<Decision | undefined> {
    return decisionIn(await this.#store.getBulk(decisionKeys(id), { signal }), id);
  }

  /** The decisions about these dead letters, by id, as far as they exist. */
  async readDecisions(ids: readonly string[]): Promise<Map<string, Decision>> {
    const values = await this.#store.getBulk(ids.flatMap(decisionKeys));
    return new Map(
      ids.flatMap((id): [string, Decision][] => {
        const decision = decisionIn(values, id);
        return decision === undefined ? [] : [[id, decision]];
      }),
    );
  }

  /** The decision as it is stored: `replayed` as soon as a replay has begun. */
  async readStoredDecision(id: string): Promise<Decision | undefined> {
    return readDecision(await this.#store.getBulk([keys.decision(id)]), keys.decision(id));
  }

  async writeDecision(id: string, decision: Decision): Promise<void> {
    await this.#store.save(keys.decision(id), asciiJson(decision));
  }

  /**
   * Stores the decision to discard a dead letter, unless it was replayed: then its event may be on its way. Returns whether it did. A
   * replay that begins at the same time either wins, or replaces this decision.
   */
  async discard(id: string, decision: Decision, reason: string | undefined): Promise<boolean> {
    const key = keys.decision(id);
    const text = asciiJson(decision);
    // The reason first: without its decision it explains nothing.
    if (reason !== undefined)
      await this.#store.save(keys.discard(id), asciiJson({ version: 1, since: decision.since, reason }));
    const created = await this.#store.createIfAbsent(key, text);
    if (created.created) return true;
    let before: Decision | undefined;
    await this.#store.update(key, (value) => {
      before = readDecision(new Map([[key, value]]), key);
      return before?.state === 'replayed' ? undefined : text;
    });
    if (before === undefined)
      throw new LogUnavailableError('the decision could not be stored', { cause: created.cause });
    return before.state !== 'replayed';
  }

  /** Notes that a replay begins. Until it ends, the dead letter waits, whatever interrupts the replay. */
  async beginReplay(id: string): Promise<void> {
    await this.#store.save(keys.replay(id), asciiJson({ version: 1 }));
  }

  /** Notes that the event was published, or that the decision was undone. */
  async endReplay(id: string): Promise<void> {
    await this.#store.delete(keys.replay(id));
  }

  /** The id of a purchase's dead letter, if there is one. */
  async idOfPurchase(purchase: PurchaseKey, signal?: AbortSignal): Promise<string | undefined> {
    const key = pointerKey(purchase);
    return readPointer(await this.#store.getBulk([key], { signal }), key)?.id;
  }

  /**
   * The entries before a cursor that arrived in a period, newest first, those among up to `size` at a time. The search in the log begins
   * and ends with the period, so its cost does not depend on how many dead letters arrived at other times.
   *
   * @throws InvalidCursorError if the cursor does not come from a list of the dead letters
   */
  async *newestFirst(
    cursor: string | undefined,
    size: number,
    { fromMs = -Infinity, beforeMs = Infinity }: Period = {},
  ): AsyncGenerator<EntriesPart> {
    let [from]: (ReadFrom | undefined)[] = decodeCursor(cursor, 1);
    if (from === undefined && beforeMs < Infinity) from = await this.#endOf(beforeMs);
    for (;;) {
      const { items, next } = await this.#logs.page(log, size, from);
      const within = items.flatMap(({ entry, position }) =>
        entry !== null && isWithin(entry, fromMs, beforeMs) ? [{ entry, position }] : [],
      );
      // Entries are recorded in this order, and after they arrived.
      const isBefore = items.some(({ recordedAt }) => Date.parse(recordedAt) < fromMs);
      const hasMore = next !== undefined && !isBefore;
      const decisions = await this.#decisionsOf(within);
      yield {
        entries: within.map(({ entry, position }) => ({
          entry,
          decision: decisionIn(decisions, entry.id),
          next: olderThan(position),
        })),
        looked: items.length,
        ...(hasMore ? { next: olderThan(next) } : {}),
      };
      if (!hasMore) return;
      from = { position: next, direction: 'older' };
    }
  }

  /**
   * The entries after a cursor that arrived in a period, oldest first, with the cursor of the rest after each.
   *
   * @throws InvalidCursorError if the cursor does not come from here
   */
  async *oldestFirst(
    cursor: string | undefined,
    { fromMs = -Infinity, beforeMs = Infinity }: Period = {},
  ): AsyncGenerator<DecidedEntry & { next: string }> {
    const start = await this.#startOf(cursor, fromMs);
    let some: { entry: DeadLetterEntry; position: Position }[] = [];
    for await (const { entry, position, recordedAt } of this.#logs.entriesAfter(log, start)) {
      if (Date.parse(recordedAt) >= beforeMs + clockDifferenceMaxMs) break;
      if (isWithin(entry, fromMs, beforeMs)) some.push({ entry, position });
      if (some.length < decisionsPerCall) continue;
      yield* this.#decided(some);
      some = [];
    }
    yield* this.#decided(some);
  }

  /** How many entries are left after a cursor of `oldestFirst`, those of erased dead letters included. */
  async countAfter(cursor: string | undefined, { fromMs = -Infinity, beforeMs }: Period): Promise<number> {
    const untilMs = beforeMs === undefined ? undefined : beforeMs + clockDifferenceMaxMs;
    return this.#logs.countAfter(log, await this.#startOf(cursor, fromMs), untilMs);
  }

  async #startOf(cursor: string | undefined, fromMs: number): Promise<Position> {
    const [from] = decodeCursor(cursor, 1, ['newer']);
    if (from !== undefined) return from.position;
    return fromMs === -Infinity ? logStart : this.#logs.positionAt(log, fromMs);
  }

  /** Before the entries that were recorded long after a time. What arrived before it can be recorded a little later. */
  async #endOf(beforeMs: number): Promise<ReadFrom> {
    const position = await this.#logs.positionAt(log, beforeMs + clockDifferenceMaxMs);
    return { position, direction: 'older' };
  }

  async *#decided(
    some: readonly { entry: DeadLetterEntry; position: Position }[],
  ): AsyncGenerator<DecidedEntry & { next: string }> {
    const decisions = await this.#decisionsOf(some);
    for (const { entry, position } of some)
      yield {
        entry,
        decision: decisionIn(decisions, entry.id),
        next: encodeCursor([position], 'newer'),
      };
  }

  async #decisionsOf(some: readonly { entry: DeadLetterEntry }[]): Promise<ReadonlyMap<string, string>> {
    const ids = new Set(some.map(({ entry }) => entry.id));
    return ids.size === 0 ? new Map() : this.#store.getBulk([...ids].flatMap(decisionKeys));
  }

  /** The letters with these ids, each once, some at a time. `letter` is undefined if it is not stored. */
  async *letters(ids: Iterable<string>): AsyncGenerator<{ id: string; letter: Letter | undefined }> {
    const unique = [...new Set(ids)];
    for (let index = 0; index < unique.length; index += lettersPerCall) {
      const some = unique.slice(index, index + lettersPerCall);
      const values = await this.#store.getBulk(some.map(keys.letter));
      for (const id of some) yield { id, letter: readLetter(values, keys.letter(id)) };
    }
  }

  /** The ids of dead letters that version 0.1.0 kept, which wrote no index: see `NumberedLogs.unplacedFrom`. */
  async *unplaced(from: number): AsyncGenerator<{ ids: string[]; first: number; next: number }> {
    for await (const { entries, ...range } of this.#logs.unplacedFrom(log, from))
      yield { ids: entries.map(({ entry }) => entry.id), ...range };
  }

  /** The ids of dead letters with their segments, those of up to a hundred segments at a time, without those of version 0.1.0. */
  async *placed(signal?: AbortSignal): AsyncGenerator<{ id: string; segment: number }[]> {
    for await (const { entries } of this.#logs.inspect(log, 1, signal))
      yield entries.filter(({ isPlaced }) => isPlaced).map(({ entry: { id }, segment }) => ({ id, segment }));
  }

  /** Deletes a dead letter with its decision, its replay and its pointer. Its log entry remains: see `eraseEntriesAt`. */
  async delete(id: string, purchase: PurchaseKey | undefined): Promise<void> {
    if (purchase !== undefined) await this.#store.delete(pointerKey(purchase));
    await this.#store.delete(keys.decision(id));
    await this.#store.delete(keys.replay(id));
    await this.#store.delete(keys.discard(id));
    await this.#store.delete(keys.letter(id));
  }

  /** Erases the log entries of dead letters that were deleted, at these places. */
  async eraseEntriesAt(places: readonly number[], ids: ReadonlySet<string>): Promise<void> {
    await this.#logs.eraseEntriesAt(log, places, ({ id }) => ids.has(id));
  }

  /** Erases the log entries of dead letters that were deleted, in the segments from `first` up to the one before `next`. */
  async eraseEntriesBetween(first: number, next: number, ids: ReadonlySet<string>): Promise<void> {
    await this.#logs.eraseEntries(log, { first, last: next - 1 }, ({ id }) => ids.has(id));
  }
}

function entryOf(id: string, { reason, purchaseId, arrivedAt }: Letter): DeadLetterEntry {
  return { id, reason, ...(purchaseId === undefined ? {} : { purchaseId }), arrivedAt };
}

function isWithin({ arrivedAt }: DeadLetterEntry, fromMs: number, beforeMs: number): boolean {
  const arrivedMs = Date.parse(arrivedAt);
  return arrivedMs >= fromMs && arrivedMs < beforeMs;
}

function pointerKey({ shopperKey, purchaseId }: PurchaseKey): string {
  return keys.ofPurchase(shopperKey, purchaseId);
}
