import { isUtf8 } from 'node:buffer';
import {
  replayOf,
  shopperKey,
  type DeadLetter,
  type DeadLetterDetails,
  type DeadLetterPage,
  type DeadLetterQuery,
  type DeadLetterReason,
  type DeadLetterReplays,
  type DeadLetterState,
  type Purchase,
  type PurchasePlaced,
} from '@unity-purchase/contracts';
import type { LogStore } from '@unity-purchase/numbered-log';
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
  type StoredLetter,
} from './dead-letter-records.js';
import type { DeadLetterTelemetry } from './dead-letter-telemetry.js';
import { describeLetter, stateIn } from './describe-letter.js';
import type { LetterFilter } from './letter-filter.js';
import { createFindOutcome, type FindOutcome, type Outcome } from './letter-outcome.js';
import { createReplayWaiting, type ReplayWaiting, type ReplayWaitingOptions } from './replay-waiting.js';
import { createSearchDeadLetters, type SearchDeadLetters } from './search-dead-letters.js';
import { bytesOf, contentOf, isAbout, purchaseOf, shoppersToIndex } from './stored-letter.js';

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

/** The dead letter of a purchase, as far as its shopper may know it. */
export type LetterOfPurchase = {
  state: DeadLetterState;
  decidedAt: string | undefined;
  purchase: Purchase | undefined;
};

/** What is stored about a dead letter that exists, and what can be read from it. */
type ReadLetter = StoredLetter & { letter: Letter; content: Content };

/**
 * The dead letters: events that could not be recorded, kept for operators with the reason.
 *
 * Every method throws the store's error if the store is unavailable.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #records: DeadLetterRecords;
  readonly #findOutcome: FindOutcome;
  readonly #search: SearchDeadLetters;
  readonly #replayWaiting: ReplayWaiting;

  constructor(options: DeadLettersOptions) {
    const { now } = options;
    const records = new DeadLetterRecords(options.store, options.index, now);
    const findOutcome = createFindOutcome(options.history);
    this.#options = options;
    this.#records = records;
    this.#findOutcome = findOutcome;
    this.#search = createSearchDeadLetters({ records, findOutcome, now });
    const replay = (id: string) => this.replay(id);
    this.#replayWaiting = createReplayWaiting({ records, replay, findOutcome, now });
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
   * A page of the dead letters, newest first: all of them, or those on a list and with a reason or a time. Aborting the signal cancels the
   * search.
   *
   * @throws InvalidCursorError if the cursor does not come from a page of the dead letters
   */
  page(
    limit: number,
    cursor: string | undefined,
    filter: LetterFilter & Pick<DeadLetterQuery, 'list'> = {},
    signal?: AbortSignal,
  ): Promise<DeadLetterPage> {
    return this.#search({ limit, cursor, ...filter }, signal);
  }

  /** One dead letter in detail. Aborting the signal cancels the search for its purchase. @throws AppError `dead-letter-not-found` */
  async find(id: string, signal?: AbortSignal): Promise<DeadLetterDetails> {
    const read = await this.#read(id);
    const { letter, content } = read;
    const bytes = bytesOf(letter);
    return {
      ...describeLetter({ id, ...letter }, { ...read, outcome: await this.#outcomeOf(read, signal) }),
      problems: letter.problems,
      replayable: content.event !== undefined,
      problemsNow: content.problems,
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
      if (decision === undefined) await this.#decide(id, { state: 'waiting', replays });
      else await this.#records.writeDecision(id, decision);
      await this.#records.endReplay(id);
      throw new AppError('dead-letter-not-published', { cause, retryAfterSeconds: 5 });
    }
    await this.#records.endReplay(id);
    this.#options.telemetry.decided({ deadLetterId: id, decision: 'replay' });
    return describeLetter({ id, ...letter }, { letter, content, decision: decided });
  }

  /** Replays the dead letters that wait and can be replayed, oldest first, some at a time: see `ReplayWaiting`. */
  replayWaiting(options: ReplayWaitingOptions): Promise<DeadLetterReplays> {
    return this.#replayWaiting(options);
  }

  /**
   * Marks a dead letter as needing no action. The shopper's page then says that the purchase did not go through. It is refused while
   * that may be untrue: the purchase is recorded, or the event was replayed and may be on its way.
   *
   * @throws AppError `dead-letter-not-found`, `dead-letter-recorded` or `dead-letter-replayed`
   */
  async discard(id: string, reason?: string): Promise<DeadLetter> {
    const read = await this.#read(id);
    if ((await this.#outcomeOf(read)).recordedAt !== undefined) throw new AppError('dead-letter-recorded');
    const decision: Decision = {
      version: 1,
      since: this.#options.now().toISOString(),
      state: 'discarded',
      replays: read.decision?.replays ?? 0,
    };
    if (!(await this.#records.discard(id, decision, reason))) throw new AppError('dead-letter-replayed');
    this.#options.telemetry.decided({ deadLetterId: id, decision: 'discard' });
    return describeLetter({ id, ...read.letter }, { ...read, decision, discardReason: reason });
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

  /**
   * The dead letter of a purchase, as far as its shopper may know it: its state, when an operator decided, and the purchase if it can be
   * read. Undefined if the purchase is not a dead letter.
   */
  async ofPurchase(shopper: string, purchaseId: string): Promise<LetterOfPurchase | undefined> {
    const id = await this.#records.idOfPurchase({ shopperKey: shopper, purchaseId });
    if (id === undefined) return undefined;
    const { letter, decision } = await this.#records.read(id);
    const purchase = letter && contentOf(letter).event?.data;
    // An event that is not valid may name one shopper and be about another.
    const isTheirs = purchase?.purchaseId === purchaseId && shopperKey(purchase.shopper.id) === shopper;
    return {
      state: stateIn(decision),
      decidedAt: decision?.since,
      purchase: isTheirs ? purchase : undefined,
    };
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
      await this.#records.delete(id, letter && purchaseOf(letter, contentOf(letter)));
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

  async #reasonOf(content: Content, signal: AbortSignal | undefined): Promise<DeadLetterReason> {
    if (!content.isJson) return 'unreadable';
    if (content.event === undefined || content.purchase === undefined) return 'invalid';
    const { superseded } = await this.#findOutcome({ reason: 'not-recorded' }, content, signal);
    return superseded === true ? 'contradicts-record' : 'not-recorded';
  }

  async #read(id: string): Promise<ReadLetter> {
    const { letter, ...stored } = await this.#records.read(id);
    if (letter === undefined) throw new AppError('dead-letter-not-found');
    return { ...stored, letter, content: contentOf(letter) };
  }

  #outcomeOf({ letter, content }: ReadLetter, signal?: AbortSignal): Promise<Outcome> {
    return this.#findOutcome(letter, content, signal);
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
