import { setTimeout as wait } from 'node:timers/promises';
import type { WaitingDeadLetters } from '@unity-purchase/contracts';
import type { DeadLetterRecords } from './dead-letter-records.js';

/** How many dead letters a page has, and how many pages one look reads. */
export type LookLimits = { pageLength: number; pagesMax: number };

const lookLimits: LookLimits = { pageLength: 100, pagesMax: 10 };

/** The largest number that is counted. */
const countMax = 100;

/** The pause after a look, for each page that it read, so that a long list does not become a load on the store. */
const pausePerPageMs = 2_000;

/** How long a reader waits for a look. After that it gets the last count. */
const waitMs = 1_000;

/** What a pass over all dead letters found: when the waiting ones arrived, by id. `isCut`: there were more than are kept. */
type Pass = { waiting: Map<string, string>; isCut: boolean };

/**
 * Counts the dead letters that wait for a decision. A look starts with the newest ones, which usually are all. If there are more
 * than one look reads, the next look continues, until a pass over all of them ends. Readers share one look.
 */
export class WaitingLetters {
  readonly #records: Pick<DeadLetterRecords, 'page' | 'readDecisions'>;
  readonly #now: () => Date;
  readonly #limits: LookLimits;
  /** The last whole pass, if one has ended. */
  #last: Pass | undefined;
  #pass: Pass = { waiting: new Map(), isCut: false };
  /** Where the pass continues; undefined if it begins with the next look. */
  #cursor: string | undefined;
  #look: Promise<void> | undefined;
  #nextLookMs = -Infinity;
  #count: WaitingDeadLetters | undefined;

  constructor(
    records: Pick<DeadLetterRecords, 'page' | 'readDecisions'>,
    now: () => Date,
    limits: LookLimits = lookLimits,
  ) {
    this.#records = records;
    this.#now = now;
    this.#limits = limits;
  }

  /** The newest count; undefined if the store has not answered yet. It never rejects, and waits at most a second. */
  async read(): Promise<WaitingDeadLetters | undefined> {
    if (this.#look === undefined && this.#now().getTime() >= this.#nextLookMs)
      this.#look = this.#lookOnce().finally(() => {
        this.#look = undefined;
      });
    if (this.#look !== undefined) await Promise.race([this.#look, wait(waitMs, undefined, { ref: false })]);
    return this.#count;
  }

  /** After a failure the last count stays, with its time. Health checks report the store. */
  async #lookOnce(): Promise<void> {
    let pages = 1;
    try {
      const isContinued = this.#cursor !== undefined;
      pages = await this.#readPages();
      if (isContinued || this.#cursor !== undefined) await this.#dropDecided();
      this.#count = this.#countKnown();
    } catch {
      this.#cursor = undefined;
    }
    this.#nextLookMs = this.#now().getTime() + pages * pausePerPageMs;
  }

  /** During a pass of several looks, operators decide about dead letters that were found before. */
  async #dropDecided(): Promise<void> {
    const known = [this.#pass.waiting, this.#last?.waiting ?? new Map<string, string>()];
    const decisions = await this.#records.readDecisions(known.flatMap((waiting) => [...waiting.keys()]));
    for (const [id, { state }] of decisions)
      if (state !== 'waiting') for (const waiting of known) waiting.delete(id);
  }

  /** Reads the newest page, and continues the pass. Returns how many pages it read. */
  async #readPages(): Promise<number> {
    let pages = 1;
    if (this.#cursor === undefined) {
      this.#pass = { waiting: new Map(), isCut: false };
      this.#cursor = await this.#readPage(undefined);
    } else await this.#readPage(undefined);
    for (; this.#cursor !== undefined && pages < this.#limits.pagesMax; pages += 1)
      this.#cursor = await this.#readPage(this.#cursor);
    if (this.#cursor === undefined) this.#last = this.#pass;
    return pages;
  }

  async #readPage(cursor: string | undefined): Promise<string | undefined> {
    const { items, next } = await this.#records.page(this.#limits.pageLength, cursor);
    for (const { entry, decision } of items)
      if (decision === undefined || decision.state === 'waiting') keepOldest(this.#pass, entry);
    return next;
  }

  #countKnown(): WaitingDeadLetters {
    const { waiting, isCut } = this.#last ?? { waiting: new Map<string, string>(), isCut: true };
    const arrivals = [...new Map([...waiting, ...this.#pass.waiting]).values()].sort();
    const [oldestAt] = arrivals;
    return {
      count: Math.min(arrivals.length, countMax),
      isMore: isCut || arrivals.length > countMax,
      ...(oldestAt === undefined ? {} : { oldestAt }),
      at: this.#now().toISOString(),
    };
  }
}

/** Keeps the oldest ones, because their age is shown: no more than are needed to see that there are too many to count. */
function keepOldest(pass: Pass, { id, arrivedAt }: { id: string; arrivedAt: string }): void {
  pass.waiting.set(id, arrivedAt);
  if (pass.waiting.size <= countMax + 1) return;
  const [newest] = [...pass.waiting].reduce((one, other) => (other[1] > one[1] ? other : one));
  pass.waiting.delete(newest);
  pass.isCut = true;
}
