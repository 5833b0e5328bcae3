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
  type RecordedPurchase,
} from '@unity-purchase/contracts';
import {
  entriesOf,
  fromCursor,
  NumberedLogs,
  readOlder,
  writePlace,
  type LogStore,
} from '@unity-purchase/numbered-log';
import { AppError } from '@unity-purchase/service-kit';
import { deadLetterIdOf, namesShopper, readContent, type Content } from './dead-letter-content.js';
import { deadLetterLog, deadLetterLogDefinition, type DeadLetterEntry } from './dead-letter-log.js';
import {
  encode,
  keys,
  readDecision,
  readLetter,
  readPointer,
  type Decision,
  type Letter,
} from './dead-letter-records.js';
import type { DeadLetterTelemetry } from './dead-letter-telemetry.js';

type Parts = {
  store: LogStore;
  history: { find: (shopper: string, purchaseId: string) => Promise<RecordedPurchase | undefined> };
  erasures: { cover: (shopper: string, placedAt: string) => Promise<boolean> };
  /** Publishes an event for the purchase-service; rejects unless the broker has it. */
  publish: (event: PurchasePlaced) => Promise<void>;
  telemetry: DeadLetterTelemetry;
  newEventId: () => string;
  now: () => Date;
};

/**
 * What could not be recorded, kept for operators with the reason why. Every method throws the store's error if it cannot be
 * reached.
 */
export class DeadLetters {
  readonly #parts: Parts;
  readonly #logs: NumberedLogs<DeadLetterEntry>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#logs = new NumberedLogs(parts.store, deadLetterLogDefinition, parts.now);
  }

  /**
   * Keeps what was delivered, unless its shopper was erased since it was placed. Keeping it again is safe; if it is there
   * already, it waits for a decision again.
   */
  async keep(bytes: Buffer): Promise<void> {
    const content = readContent(bytes);
    if (await this.#isErased(content)) {
      this.#parts.telemetry.erased();
      return;
    }
    const origin = await this.#originOf(content);
    const id = origin ?? deadLetterIdOf(bytes);
    const reason = await this.#reasonOf(content);
    const { purchase } = content;
    if (origin === undefined) await this.#create(id, bytes, content, reason);
    const decision = await this.#decisionOf(id);
    if (decision !== undefined && decision.state !== 'waiting')
      await this.#decide(id, { state: 'waiting', replays: decision.replays });
    this.#parts.telemetry.arrived({ deadLetterId: id, reason, purchaseId: purchase?.purchaseId });
  }

  /** A page, newest first. @throws AppError 400 for a cursor that no page gave */
  async page(limit: number, cursor: string | undefined): Promise<DeadLetterPage> {
    const from = readOlder(cursor);
    const page = await fromCursor(() => this.#logs.page(deadLetterLog, limit, from));
    const entries = new Map(entriesOf(page).map(({ entry }) => [entry.id, entry]));
    const decisions = await this.#parts.store.getBulk([...entries.keys()].map(keys.decision));
    return {
      deadLetters: [...entries.values()].map((entry) =>
        describe(entry, readDecision(decisions, keys.decision(entry.id))),
      ),
      ...(page.next === undefined ? {} : { next: writePlace(page.next) }),
    };
  }

  /** One dead letter. @throws AppError 404 if there is none of this id */
  async find(id: string): Promise<DeadLetterDetails> {
    const { letter, decision, content } = await this.#read(id);
    const { reason, purchaseId, arrivedAt, problems, base64 } = letter;
    const bytes = Buffer.from(base64, 'base64');
    const recorded = content.purchase && (await this.#recordOf(content.purchase));
    return {
      ...describe({ id, reason, purchaseId, arrivedAt }, decision),
      problems,
      replayable: content.event !== undefined,
      problemsNow: content.problems,
      ...(recorded === undefined ? {} : { recordedAt: recorded.recordedAt }),
      ...(isUtf8(bytes) ? { text: bytes.toString() } : {}),
      base64,
    };
  }

  /**
   * Publishes the event again. Recording it is idempotent, so that doing this twice is harmless.
   *
   * @throws AppError 404 if there is no such dead letter; 409 if it is no valid event; 503 if it could not be published
   */
  async replay(id: string): Promise<DeadLetter> {
    const { letter, decision, content } = await this.#read(id);
    if (content.event === undefined)
      throw new AppError('dead-letter-not-valid', {
        problems: content.problems.map((message) => ({ path: 'event', message })),
      });
    // Noted down first: if it comes back, that is later. If publishing fails it waits as before.
    const noted = await this.#decide(id, { state: 'replayed', replays: (decision?.replays ?? 0) + 1 });
    try {
      await this.#parts.publish(replayOf(content.event, id, this.#parts.newEventId()));
    } catch (cause) {
      await this.#decide(id, { state: decision?.state ?? 'waiting', replays: decision?.replays ?? 0 });
      throw new AppError('dead-letter-not-published', { cause, retryAfterSeconds: 5 });
    }
    this.#parts.telemetry.decided({ deadLetterId: id, decision: 'replay' });
    return describe({ id, ...letter }, noted);
  }

  /** Notes down that nothing more is to be done about it. @throws AppError 404 if there is no such dead letter */
  async discard(id: string): Promise<DeadLetter> {
    const { letter, decision } = await this.#read(id);
    const noted = await this.#decide(id, { state: 'discarded', replays: decision?.replays ?? 0 });
    this.#parts.telemetry.decided({ deadLetterId: id, decision: 'discard' });
    return describe({ id, ...letter }, noted);
  }

  /** What is to become of a purchase that is not recorded; undefined if it is not among the dead letters. */
  async stateOf(shopper: string, purchaseId: string): Promise<DeadLetterState | undefined> {
    const key = keys.ofPurchase(shopper, purchaseId);
    const pointer = readPointer(await this.#parts.store.getBulk([key]), key);
    return pointer && ((await this.#decisionOf(pointer.id))?.state ?? 'waiting');
  }

  /** All that is about a shopper or names one, oldest first. */
  async *ofShopper(shopper: string): AsyncGenerator<DeadLetterDetails> {
    for await (const { id, bytes } of this.#all())
      if (bytes !== undefined && namesShopper(bytes, shopper)) yield this.find(id);
  }

  /**
   * Erases all that is about a shopper or names one, with what was decided about it; gives how many there were. In bytes
   * that are no JSON nobody is recognised.
   */
  async erase(shopper: string): Promise<number> {
    const { store } = this.#parts;
    const gone = new Set<string>();
    let count = 0;
    for await (const { id, bytes } of this.#all()) {
      // No letter: an erasure was cut off before its last step.
      if (bytes !== undefined && !namesShopper(bytes, shopper)) continue;
      const purchase = bytes && readContent(bytes).purchase;
      if (purchase !== undefined)
        await store.delete(keys.ofPurchase(purchase.shopperKey, purchase.purchaseId));
      await store.delete(keys.decision(id));
      await store.delete(keys.letter(id));
      gone.add(id);
      if (bytes !== undefined) count += 1;
    }
    await this.#logs.eraseEntries(deadLetterLog, ({ id }) => gone.has(id));
    return count;
  }

  /** All dead letters, oldest first, each once, with what was delivered. */
  async *#all(): AsyncGenerator<{ id: string; bytes: Buffer | undefined }> {
    const seen = new Set<string>();
    for await (const { entry } of this.#logs.entries(deadLetterLog)) {
      const { id } = entry;
      if (seen.has(id)) continue;
      seen.add(id);
      const letter = readLetter(await this.#parts.store.getBulk([keys.letter(id)]), keys.letter(id));
      yield { id, bytes: letter && Buffer.from(letter.base64, 'base64') };
    }
  }

  async #isErased({ purchase }: Content): Promise<boolean> {
    if (purchase?.placedAt === undefined) return false;
    return this.#parts.erasures.cover(purchase.shopperKey, purchase.placedAt);
  }

  /** The dead letter that came back with this one, if it says so and has the same content. */
  async #originOf({ replayOf: id, event }: Content): Promise<string | undefined> {
    if (id === undefined || event === undefined) return undefined;
    const key = keys.letter(id);
    const letter = readLetter(await this.#parts.store.getBulk([key]), key);
    const origin = letter && readContent(Buffer.from(letter.base64, 'base64')).event;
    return JSON.stringify(origin?.data) === JSON.stringify(event.data) ? id : undefined;
  }

  async #reasonOf({ event, purchase, isJson }: Content): Promise<DeadLetterReason> {
    if (!isJson) return 'unreadable';
    if (event === undefined || purchase === undefined) return 'invalid';
    const recorded = await this.#recordOf(purchase);
    if (recorded === undefined) return 'not-recorded';
    const isSame = purchaseFingerprint(recorded.purchase) === purchaseFingerprint(event.data);
    return isSame ? 'not-recorded' : 'contradicts-record';
  }

  #recordOf({ shopperKey, purchaseId }: NonNullable<Content['purchase']>) {
    return this.#parts.history.find(shopperKey, purchaseId);
  }

  /** The letter first, then what leads to it: whatever is cut off in between is done by the next delivery. */
  async #create(id: string, bytes: Buffer, { problems, purchase }: Content, reason: DeadLetterReason) {
    const { store, now } = this.#parts;
    const arrivedAt = now().toISOString();
    const about = purchase === undefined ? {} : { purchaseId: purchase.purchaseId };
    const letter: Letter = {
      version: 1,
      arrivedAt,
      reason,
      problems,
      ...about,
      base64: bytes.toString('base64'),
    };
    const created = await store.createIfAbsent(keys.letter(id), encode(letter));
    if (!created.created && !(await store.getBulk([keys.letter(id)])).has(keys.letter(id)))
      throw new Error('a dead letter could not be kept', { cause: created.cause });
    if (purchase !== undefined)
      await store.save(keys.ofPurchase(purchase.shopperKey, purchase.purchaseId), encode({ version: 1, id }));
    await this.#logs.append(deadLetterLog, { id, reason, ...about, arrivedAt });
  }

  async #read(id: string) {
    const values = await this.#parts.store.getBulk([keys.letter(id), keys.decision(id)]);
    const letter = readLetter(values, keys.letter(id));
    if (letter === undefined) throw new AppError('dead-letter-not-found');
    const content = readContent(Buffer.from(letter.base64, 'base64'));
    return { letter, decision: readDecision(values, keys.decision(id)), content };
  }

  async #decisionOf(id: string): Promise<Decision | undefined> {
    const key = keys.decision(id);
    return readDecision(await this.#parts.store.getBulk([key]), key);
  }

  async #decide(id: string, decision: Pick<Decision, 'state' | 'replays'>): Promise<Decision> {
    const noted: Decision = { version: 1, since: this.#parts.now().toISOString(), ...decision };
    await this.#parts.store.save(keys.decision(id), encode(noted));
    return noted;
  }
}

function describe(
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
