import { isUtf8 } from 'node:buffer';
import {
  purchaseFingerprint,
  replayOf,
  type DeadLetter,
  type DeadLetterDetails,
  type DeadLetterPage,
  type DeadLetterReason,
  type DeadLetterState,
  type PurchasePlaced,
} from '@unity-purchase/contracts';
import type { LogStore } from '@unity-purchase/numbered-log';
import { AppError } from '@unity-purchase/service-kit';
import type { PurchaseHistory } from '../purchases/purchase-history.js';
import type { Erasures } from '../shoppers/erasures.js';
import { deadLetterIdOf, namesShopper, readContent, type Content } from './dead-letter-content.js';
import { DeadLetterRecords, type Decision, type Letter } from './dead-letter-records.js';
import type { DeadLetterTelemetry } from './dead-letter-telemetry.js';

type DeadLettersOptions = {
  store: LogStore;
  history: Pick<PurchaseHistory, 'find'>;
  erasures: Pick<Erasures, 'erasedSince'>;
  /** Publishes an event for the purchase-service. It rejects unless the broker acknowledged the event. */
  publish: (event: PurchasePlaced) => Promise<void>;
  telemetry: DeadLetterTelemetry;
  newEventId: () => string;
  now: () => Date;
};

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
    this.#records = new DeadLetterRecords(options.store, options.now);
  }

  /**
   * Keeps what was delivered, unless its shopper was erased after the purchase was placed. Keeping it again is safe: it is
   * the same dead letter, which then waits for a decision again.
   */
  async keep(bytes: Buffer): Promise<void> {
    const content = readContent(bytes);
    if (await this.#isErased(content)) {
      this.#options.telemetry.erased();
      return;
    }
    const origin = await this.#originOf(content);
    const id = origin ?? deadLetterIdOf(bytes);
    const reason = await this.#reasonOf(content);
    const { problems, purchase } = content;
    if (origin === undefined) {
      const letter: Letter = {
        version: 1,
        arrivedAt: this.#options.now().toISOString(),
        reason,
        problems,
        ...(purchase === undefined ? {} : { purchaseId: purchase.purchaseId }),
        base64: bytes.toString('base64'),
      };
      await this.#records.create(id, letter, purchase);
    }
    const decision = await this.#records.readDecision(id);
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

  /** One dead letter in detail. @throws AppError `dead-letter-not-found` */
  async find(id: string): Promise<DeadLetterDetails> {
    const { letter, decision, content } = await this.#read(id);
    const bytes = bytesOf(letter);
    const recorded = content.purchase && (await this.#recordedPurchase(content.purchase));
    return {
      ...deadLetter({ id, ...letter }, decision),
      problems: letter.problems,
      replayable: content.event !== undefined,
      problemsNow: content.problems,
      ...(recorded === undefined ? {} : { recordedAt: recorded.recordedAt }),
      ...(isUtf8(bytes) ? { text: bytes.toString() } : {}),
      base64: letter.base64,
    };
  }

  /**
   * Publishes the event again. Recording is idempotent, so replaying twice is harmless.
   *
   * @throws AppError `dead-letter-not-found`, `dead-letter-not-valid` or `dead-letter-not-published`
   */
  async replay(id: string): Promise<DeadLetter> {
    const { letter, decision, content } = await this.#read(id);
    if (content.event === undefined)
      throw new AppError('dead-letter-not-valid', {
        problems: content.problems.map((message) => ({ path: 'event', message })),
      });
    // The decision comes first, so that an event that fails again arrives after it. If publishing fails, it is undone.
    const replays = decision?.replays ?? 0;
    const decided = await this.#decide(id, { state: 'replayed', replays: replays + 1 });
    try {
      await this.#options.publish(replayOf(content.event, id, this.#options.newEventId()));
    } catch (cause) {
      await this.#decide(id, { state: decision?.state ?? 'waiting', replays });
      throw new AppError('dead-letter-not-published', { cause, retryAfterSeconds: 5 });
    }
    this.#options.telemetry.decided({ deadLetterId: id, decision: 'replay' });
    return deadLetter({ id, ...letter }, decided);
  }

  /** Marks a dead letter as needing no action. @throws AppError `dead-letter-not-found` */
  async discard(id: string): Promise<DeadLetter> {
    const { letter, decision } = await this.#read(id);
    const decided = await this.#decide(id, { state: 'discarded', replays: decision?.replays ?? 0 });
    this.#options.telemetry.decided({ deadLetterId: id, decision: 'discard' });
    return deadLetter({ id, ...letter }, decided);
  }

  /** The state of a purchase's dead letter; undefined if the purchase is not a dead letter. */
  async stateOf(shopper: string, purchaseId: string): Promise<DeadLetterState | undefined> {
    const id = await this.#records.idOfPurchase({ shopperKey: shopper, purchaseId });
    return id === undefined ? undefined : ((await this.#records.readDecision(id))?.state ?? 'waiting');
  }

  /** All dead letters that belong to a shopper or contain the shopper's id, oldest first. */
  async *ofShopper(shopper: string): AsyncGenerator<DeadLetterDetails> {
    for await (const { id, letter } of this.#records.all())
      if (letter !== undefined && namesShopper(bytesOf(letter), shopper)) yield this.find(id);
  }

  /**
   * Erases all dead letters that belong to a shopper or contain the shopper's id, with their decisions. Returns how many it
   * erased. It cannot recognise a shopper in bytes that are not JSON.
   */
  async erase(shopper: string): Promise<number> {
    const erased = new Set<string>();
    let count = 0;
    for await (const { id, letter } of this.#records.all()) {
      if (letter === undefined) {
        // An earlier erasure was interrupted before its last step.
        await this.#records.delete(id, undefined);
      } else {
        const bytes = bytesOf(letter);
        if (!namesShopper(bytes, shopper)) continue;
        await this.#records.delete(id, readContent(bytes).purchase);
        count += 1;
      }
      erased.add(id);
    }
    await this.#records.eraseEntries(erased);
    return count;
  }

  async #isErased({ purchase }: Content): Promise<boolean> {
    if (purchase?.placedAt === undefined) return false;
    return this.#options.erasures.erasedSince(purchase.shopperKey, purchase.placedAt);
  }

  /** The dead letter that this event is a replay of, if the event names one with the same content. */
  async #originOf({ replayOf: id, event }: Content): Promise<string | undefined> {
    if (id === undefined || event === undefined) return undefined;
    const letter = await this.#records.readLetter(id);
    const origin = letter && readContent(bytesOf(letter)).event;
    return JSON.stringify(origin?.data) === JSON.stringify(event.data) ? id : undefined;
  }

  async #reasonOf({ event, purchase, isJson }: Content): Promise<DeadLetterReason> {
    if (!isJson) return 'unreadable';
    if (event === undefined || purchase === undefined) return 'invalid';
    const recorded = await this.#recordedPurchase(purchase);
    if (recorded === undefined) return 'not-recorded';
    const isSame = purchaseFingerprint(recorded.purchase) === purchaseFingerprint(event.data);
    return isSame ? 'not-recorded' : 'contradicts-record';
  }

  #recordedPurchase({ shopperKey, purchaseId }: NonNullable<Content['purchase']>) {
    return this.#options.history.find(shopperKey, purchaseId);
  }

  async #read(id: string): Promise<{ letter: Letter; decision: Decision | undefined; content: Content }> {
    const { letter, decision } = await this.#records.read(id);
    if (letter === undefined) throw new AppError('dead-letter-not-found');
    return { letter, decision, content: readContent(bytesOf(letter)) };
  }

  async #decide(id: string, change: Pick<Decision, 'state' | 'replays'>): Promise<Decision> {
    const decision: Decision = { version: 1, since: this.#options.now().toISOString(), ...change };
    await this.#records.writeDecision(id, decision);
    return decision;
  }
}

function bytesOf({ base64 }: Letter): Buffer {
  return Buffer.from(base64, 'base64');
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
