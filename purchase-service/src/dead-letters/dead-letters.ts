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
import { DamagedLogError, type LogStore } from '@unity-purchase/numbered-log';
import { AppError } from '@unity-purchase/service-kit';
import type { PurchaseHistory } from '../purchases/purchase-history.js';
import type { Erasures } from '../shoppers/erasures.js';
import { deadLetterIdOf, namesShopper, readContent, sha256Of, type Content } from './dead-letter-content.js';
import {
  DeadLetterRecords,
  keptBytesMax,
  type Decision,
  type Letter,
  type PurchaseKey,
} from './dead-letter-records.js';
import type { DeadLetterTelemetry } from './dead-letter-telemetry.js';

type DeadLettersOptions = {
  store: LogStore;
  history: Pick<PurchaseHistory, 'find'>;
  erasures: Pick<Erasures, 'check'>;
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
   * Keeps what was delivered, unless its shopper was certainly erased after the purchase was placed. Keeping it again is safe: it is
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
        ...keptPart(bytes, purchase?.shopperKey),
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
      ...(letter.truncated === undefined ? {} : { truncated: letter.truncated }),
    };
  }

  /**
   * Publishes the event again. Recording is idempotent, so replaying twice is harmless.
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
  async *ofShopper(shopper: string, onRead: () => void = () => undefined): AsyncGenerator<DeadLetterDetails> {
    for await (const { id, letter } of this.#records.all()) {
      onRead();
      if (letter !== undefined && isAbout(letter, shopper)) yield this.find(id);
    }
  }

  /**
   * Erases all dead letters that belong to a shopper or contain the shopper's id, with their decisions. Returns how many it
   * erased. It recognises a shopper's id only as a string in JSON.
   */
  async erase(shopper: string, onRead: () => void = () => undefined): Promise<number> {
    const erased = new Set<string>();
    let count = 0;
    for await (const { id, letter } of this.#records.all()) {
      onRead();
      if (letter === undefined) {
        // An earlier erasure was interrupted before its last step.
        await this.#records.delete(id, undefined);
      } else {
        if (!isAbout(letter, shopper)) continue;
        await this.#records.delete(id, purchaseOf(letter));
        count += 1;
      }
      erased.add(id);
    }
    await this.#records.eraseEntries(erased);
    return count;
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

  async #reasonOf({ event, purchase, isJson }: Content): Promise<DeadLetterReason> {
    if (!isJson) return 'unreadable';
    if (event === undefined || purchase === undefined) return 'invalid';
    const recorded = await this.#recordedPurchase(purchase).catch((thrown: unknown) => {
      // One damaged history must not hold up the dead letters of everyone.
      if (thrown instanceof DamagedLogError) return undefined;
      throw thrown;
    });
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
    return { letter, decision, content: contentOf(letter) };
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

/** The content of a stored dead letter. Nothing can be read from the beginning of an event but who is named in it. */
function contentOf(letter: Letter): Content {
  if (letter.truncated === undefined) return readContent(bytesOf(letter));
  return {
    problems: ['the event is too large to be kept as a whole'],
    isJson: letter.reason !== 'unreadable',
  };
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

/** Whether a dead letter belongs to a shopper or contains the shopper's id. */
function isAbout(letter: Letter, shopper: string): boolean {
  return letter.shopperKey === shopper || namesShopper(bytesOf(letter), shopper);
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
