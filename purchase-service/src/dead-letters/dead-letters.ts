import { isUtf8 } from 'node:buffer';
import {
  purchaseFingerprint,
  replayOf,
  type DeadLetter,
  type DeadLetterDetails,
  type DeadLetterPage,
  type DeadLetterReason,
  type DeadLetterReplays,
  type DeadLetterState,
  type PurchasePlaced,
} from '@unity-purchase/contracts';
import { DamagedLogError, type LogStore } from '@unity-purchase/numbered-log';
import { AppError } from '@unity-purchase/service-kit';
import type { PurchaseHistory } from '../purchases/purchase-history.js';
import type { Erasures } from '../shoppers/erasures.js';
import type { DeadLetterReference, ShopperIndex } from '../shoppers/shopper-index.js';
import { deadLetterIdOf, readContent, sha256Of, type Content } from './dead-letter-content.js';
import {
  DeadLetterRecords,
  keptBytesMax,
  type Decision,
  type Letter,
  type PurchaseKey,
} from './dead-letter-records.js';
import type { DeadLetterTelemetry } from './dead-letter-telemetry.js';
import { bytesOf, contentOf, isAbout, shoppersToIndex } from './stored-letter.js';

type DeadLettersOptions = {
  store: LogStore;
  history: Pick<PurchaseHistory, 'find'>;
  erasures: Pick<Erasures, 'check'>;
  index: Pick<ShopperIndex, 'addDeadLetter'>;
  /** Publishes an event for the purchase-service. It rejects unless the broker acknowledged the event. */
  publish: (event: PurchasePlaced) => Promise<void>;
  telemetry: DeadLetterTelemetry;
  newEventId: () => string;
  now: () => Date;
};

/** How many dead letters one request to replay the waiting ones looks at, and for how long: its client waits 15 s. */
const lookedMax = 200;
const lookedForMs = 5_000;

/**
 * The dead letters: events that could not be recorded, kept for operators with the reason.
 *
 * Every method throws the store's error if the store is unavailable.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #records: DeadLetterRecords;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
    this.#records = new DeadLetterRecords(options.store, options.index, options.now);
  }

  /**
   * Keeps what was delivered, unless its shopper was certainly erased after the purchase was placed. Keeping it again is safe: it is
   * the same dead letter, which then waits for a decision again. Aborting the signal cancels the search for its purchase.
   */
  async keep(bytes: Buffer, signal?: AbortSignal): Promise<void> {
    const content = readContent(bytes);
    if (await this.#isErased(content)) {
      this.#options.telemetry.erased();
      return;
    }
    const origin = await this.#originOf(content);
    const id = origin ?? deadLetterIdOf(bytes);
    const reason = await this.#reasonOf(content, signal);
    const { problems, purchase } = content;
    if (origin === undefined) {
      const letter: Letter = {
        version: 1,
        arrivedAt: this.#options.now().toISOString(),
        reason,
        problems,
        ...(purchase === undefined ? {} : { purchaseId: purchase.purchaseId }),
        ...keptPart(bytes, purchase?.shopperKey),
      };
      await this.#records.create(id, letter, purchase, shoppersToIndex(letter));
    }
    const decision = await this.#records.readStoredDecision(id);
    if (decision !== undefined && decision.state !== 'waiting')
      await this.#decide(id, { state: 'waiting', replays: decision.replays });
    this.#options.telemetry.arrived({ deadLetterId: id, reason, purchaseId: purchase?.purchaseId });
  }

  /**
   * A page of dead letters, newest first.
   *
   * @throws InvalidCursorError if the cursor does not come from a page of the dead letters
   */
  async page(limit: number, cursor: string | undefined): Promise<DeadLetterPage> {
    const { items, next } = await this.#records.page(limit, cursor);
    return {
      deadLetters: items.map(({ entry, decision }) => deadLetter(entry, decision)),
      ...(next === undefined ? {} : { next }),
    };
  }

  /** One dead letter in detail. Aborting the signal cancels the search for its purchase. @throws AppError `dead-letter-not-found` */
  async find(id: string, signal?: AbortSignal): Promise<DeadLetterDetails> {
    const { letter, decision, content } = await this.#read(id);
    const bytes = bytesOf(letter);
    const recorded = content.purchase && (await this.#recordedPurchase(content.purchase, signal));
    return {
      ...deadLetter({ id, ...letter }, decision),
      problems: letter.problems,
      replayable: content.event !== undefined,
      problemsNow: content.problems,
      ...(recorded === undefined ? {} : { recordedAt: recorded.recordedAt }),
      ...(isUtf8(bytes) ? { text: bytes.toString() } : {}),
      base64: letter.base64,
      ...(letter.truncated === undefined ? {} : { truncated: letter.truncated }),
    };
  }

  /**
   * Publishes the event again. Recording is idempotent, so replaying twice is harmless. A replay that is interrupted leaves the
   * dead letter waiting.
   *
   * @throws AppError `dead-letter-not-found`, `dead-letter-truncated`, `dead-letter-not-valid` or
   *   `dead-letter-not-published`
   */
  async replay(id: string): Promise<DeadLetter> {
    const { letter, decision, content } = await this.#read(id);
    if (letter.truncated !== undefined) throw new AppError('dead-letter-truncated');
    if (content.event === undefined)
      throw new AppError('dead-letter-not-valid', {
        problems: content.problems.map((message) => ({ path: 'event', message })),
      });
    // The decision comes first, so that an event that fails again arrives after it. If publishing fails, it is undone.
    const replays = decision?.replays ?? 0;
    await this.#records.beginReplay(id);
    const decided = await this.#decide(id, { state: 'replayed', replays: replays + 1 });
    try {
      await this.#options.publish(replayOf(content.event, id, this.#options.newEventId()));
    } catch (cause) {
      await this.#decide(id, { state: decision?.state ?? 'waiting', replays });
      await this.#records.endReplay(id);
      throw new AppError('dead-letter-not-published', { cause, retryAfterSeconds: 5 });
    }
    await this.#records.endReplay(id);
    this.#options.telemetry.decided({ deadLetterId: id, decision: 'replay' });
    return deadLetter({ id, ...letter }, decided);
  }

  /**
   * Replays the dead letters that wait and can be replayed, oldest first, starting after a cursor. It stops after a number of them
   * or after five seconds, so that a request ends in time, or when the signal aborts. `before` is called before each replay.
   * What was replayed does not wait any more, so starting from the beginning again is safe.
   *
   * @throws InvalidCursorError if the cursor does not come from here, or AppError `dead-letter-not-published`
   */
  async replayWaiting(
    cursor: string | undefined,
    limit: number,
    before: (id: string) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<DeadLetterReplays> {
    const done: DeadLetterReplays = { replayed: 0, notReplayable: 0 };
    const endMs = this.#options.now().getTime() + lookedForMs;
    let looked = 0;
    for await (const { entry, decision, next } of this.#records.after(cursor)) {
      signal?.throwIfAborted();
      looked += 1;
      if (decision === undefined || decision.state === 'waiting') {
        if (await this.#replayIfPossible(entry.id, before)) done.replayed += 1;
        else done.notReplayable += 1;
      }
      const isEnough = done.replayed + done.notReplayable >= limit || looked >= lookedMax;
      if (isEnough || this.#options.now().getTime() >= endMs) return { ...done, next };
    }
    return done;
  }

  /** Replays a dead letter if that can get its purchase recorded. Returns whether it did. */
  async #replayIfPossible(id: string, before: (id: string) => Promise<void>): Promise<boolean> {
    if (!(await this.#isReplayable(id))) return false;
    await before(id);
    try {
      await this.replay(id);
      return true;
    } catch (thrown) {
      // It was erased meanwhile.
      if (thrown instanceof AppError && thrown.code === 'dead-letter-not-found') return false;
      throw thrown;
    }
  }

  /** Whether replaying a dead letter can get its purchase recorded. */
  async #isReplayable(id: string): Promise<boolean> {
    const letter = await this.#records.readLetter(id);
    if (letter === undefined) return false;
    return letter.reason !== 'contradicts-record' && contentOf(letter).event !== undefined;
  }

  /** Marks a dead letter as needing no action. @throws AppError `dead-letter-not-found` */
  async discard(id: string): Promise<DeadLetter> {
    const { letter, decision } = await this.#read(id);
    const decided = await this.#decide(id, { state: 'discarded', replays: decision?.replays ?? 0 });
    this.#options.telemetry.decided({ deadLetterId: id, decision: 'discard' });
    return deadLetter({ id, ...letter }, decided);
  }

  /** The state of a purchase's dead letter; undefined if the purchase is not a dead letter. Aborting the signal cancels it. */
  async stateOf(
    shopper: string,
    purchaseId: string,
    signal?: AbortSignal,
  ): Promise<DeadLetterState | undefined> {
    const id = await this.#records.idOfPurchase({ shopperKey: shopper, purchaseId }, signal);
    if (id === undefined) return undefined;
    return (await this.#records.readDecision(id, signal))?.state ?? 'waiting';
  }

  /** The dead letters with these ids that are about a shopper. See `isAbout`. */
  async *ofShopper(shopper: string, ids: Iterable<string>): AsyncGenerator<DeadLetterDetails> {
    for await (const { id, letter } of this.#records.letters(ids))
      if (letter !== undefined && isAbout(letter, shopper)) yield this.find(id);
  }

  /** The ids of dead letters that version 0.1.0 kept, some at a time, from a segment of their log on. */
  unplaced(from: number): AsyncGenerator<{ ids: string[]; first: number; next: number }> {
    return this.#records.unplaced(from);
  }

  /**
   * Erases the dead letters that are about a shopper, of those that an index refers to, with their decisions. Returns how many it
   * erased.
   */
  async erase(shopper: string, references: readonly DeadLetterReference[]): Promise<number> {
    const { erased, count } = await this.#delete(
      shopper,
      references.map(({ id }) => id),
    );
    const places = references.filter(({ id }) => erased.has(id)).map(({ segment }) => segment);
    await this.#records.eraseEntriesAt(places, erased);
    return count;
  }

  /** Like `erase`, for dead letters that version 0.1.0 kept: see `unplaced`. */
  async eraseUnplaced(
    shopper: string,
    { ids, first, next }: { ids: readonly string[]; first: number; next: number },
  ): Promise<number> {
    const { erased, count } = await this.#delete(shopper, ids);
    if (erased.size > 0) await this.#records.eraseEntriesBetween(first, next, erased);
    return count;
  }

  /** Deletes dead letters that are about a shopper. `erased` also has those of which an erasure deleted only a part. */
  async #delete(
    shopper: string,
    ids: readonly string[],
  ): Promise<{ erased: ReadonlySet<string>; count: number }> {
    const erased = new Set<string>();
    let count = 0;
    for await (const { id, letter } of this.#records.letters(ids)) {
      if (letter !== undefined && !isAbout(letter, shopper)) continue;
      await this.#records.delete(id, letter && purchaseOf(letter));
      erased.add(id);
      if (letter !== undefined) count += 1;
    }
    return { erased, count };
  }

  async #isErased({ purchase }: Content): Promise<boolean> {
    if (purchase?.placedAt === undefined) return false;
    return (await this.#options.erasures.check(purchase.shopperKey, purchase.placedAt)) === 'erased';
  }

  /** The dead letter that this event is a replay of, if the event names one with the same content. */
  async #originOf({ replayOf: id, event }: Content): Promise<string | undefined> {
    if (id === undefined || event === undefined) return undefined;
    const letter = await this.#records.readLetter(id);
    const origin = letter && readContent(bytesOf(letter)).event;
    return JSON.stringify(origin?.data) === JSON.stringify(event.data) ? id : undefined;
  }

  async #reasonOf(
    { event, purchase, isJson }: Content,
    signal: AbortSignal | undefined,
  ): Promise<DeadLetterReason> {
    if (!isJson) return 'unreadable';
    if (event === undefined || purchase === undefined) return 'invalid';
    const recorded = await this.#recordedPurchase(purchase, signal).catch((thrown: unknown) => {
      // One damaged history must not hold up the dead letters of everyone.
      if (thrown instanceof DamagedLogError) return undefined;
      throw thrown;
    });
    if (recorded === undefined) return 'not-recorded';
    const isSame = purchaseFingerprint(recorded.purchase) === purchaseFingerprint(event.data);
    return isSame ? 'not-recorded' : 'contradicts-record';
  }

  #recordedPurchase(
    { shopperKey, purchaseId }: NonNullable<Content['purchase']>,
    signal: AbortSignal | undefined,
  ) {
    return this.#options.history.find(shopperKey, purchaseId, signal);
  }

  async #read(id: string): Promise<{ letter: Letter; decision: Decision | undefined; content: Content }> {
    const { letter, decision } = await this.#records.read(id);
    if (letter === undefined) throw new AppError('dead-letter-not-found');
    return { letter, decision, content: contentOf(letter) };
  }

  async #decide(id: string, change: Pick<Decision, 'state' | 'replays'>): Promise<Decision> {
    const decision: Decision = { version: 1, since: this.#options.now().toISOString(), ...change };
    await this.#records.writeDecision(id, decision);
    return decision;
  }
}

/** What is stored of something delivered: everything, or the beginning with the size and the hash of everything. */
function keptPart(
  bytes: Buffer,
  shopper: string | undefined,
): Pick<Letter, 'base64' | 'truncated' | 'shopperKey'> {
  if (bytes.length <= keptBytesMax) return { base64: bytes.toString('base64') };
  return {
    base64: bytes.subarray(0, endOfCharacters(bytes, keptBytesMax)).toString('base64'),
    truncated: { bytes: bytes.length, sha256: sha256Of(bytes) },
    ...(shopper === undefined ? {} : { shopperKey: shopper }),
  };
}

/** The last index up to `max` at which no UTF-8 character is cut in two. */
function endOfCharacters(bytes: Buffer, max: number): number {
  let end = max;
  while (end > max - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}

/** The purchase of a stored dead letter, if it can be read or was read when the dead letter arrived. */
function purchaseOf(letter: Letter): PurchaseKey | undefined {
  const { shopperKey, purchaseId } = letter;
  if (shopperKey !== undefined && purchaseId !== undefined) return { shopperKey, purchaseId };
  return contentOf(letter).purchase;
}

function deadLetter(
  { id, reason, purchaseId, arrivedAt }: Pick<Letter, 'reason' | 'purchaseId' | 'arrivedAt'> & { id: string },
  decision: Decision | undefined,
): DeadLetter {
  return {
    id,
    reason,
    ...(purchaseId === undefined ? {} : { purchaseId }),
    arrivedAt,
    state: decision?.state ?? 'waiting',
    ...(decision === undefined ? {} : { since: decision.since }),
    replays: decision?.replays ?? 0,
  };
}
