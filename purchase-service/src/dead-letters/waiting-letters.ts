import { setTimeout as wait } from 'node:timers/promises';
import type { WaitingDeadLetters } from '@unity-purchase/contracts';
import type { DeadLetterRecords } from './dead-letter-records.js';
import { stateIn } from './describe-letter.js';

/** How many dead letters a page has, how many pages one look reads, and how many purchases it looks up. */
export type LookLimits = { pageLength: number; pagesMax: number; lookUpsMax: number };

const lookLimits: LookLimits = { pageLength: 100, pagesMax: 10, lookUpsMax: 10 };

/** The largest number that is counted. */
const countMax = 100;

/** The pause after a look, for each page that it read, so that a long list does not become a load on the store. */
const pausePerPageMs = 2_000;

/** How long a reader waits for a look. After that it gets the last count. */
const waitMs = 1_000;

/** What a pass over all dead letters found: when the waiting ones arrived, by id. `isCut`: more were found than are kept. */
type Pass = { waiting: Map<string, string>; isCut: boolean };

type Dependencies = {
  records: Pick<DeadLetterRecords, 'newestFirst' | 'readDecisions'>;
  /** Which of some dead letters are about purchases that have been recorded since. */
  findRecorded: (ids: readonly string[]) => Promise<readonly string[]>;
  now: () => Date;
};

/**
 * Counts the dead letters that wait for a decision and whose purchase has not been recorded since. A look starts with the newest ones, which usually are all. If there are more
 * than one look reads, the next look continues, until a pass over all of them ends. Readers share one look.
 */
export class WaitingLetters {
  readonly #dependencies: Dependencies;
  readonly #limits: LookLimits;
  /** The last whole pass, if one has ended. */
  #last: Pass | undefined;
  #pass: Pass = { waiting: new Map(), isCut: false };
  /** Where the pass continues; undefined if it begins with the next look. */
  #cursor: string | undefined;
  #look: Promise<void> | undefined;
  #nextLookMs = -Infinity;
  #count: WaitingDeadLetters | undefined;
  /** Of the known ones: whether the purchase was recorded when it was looked up last. The oldest look-ups come first. */
  #isRecorded = new Map<string, boolean>();

  constructor(dependencies: Dependencies, limits: LookLimits = lookLimits) {
    this.#dependencies = dependencies;
    this.#limits = limits;
  }

  /** The newest count; undefined if the store has not answered yet. It never rejects, and waits at most a second. */
  async read(): Promise<WaitingDeadLetters | undefined> {
    if (this.#look === undefined && this.#dependencies.now().getTime() >= this.#nextLookMs)
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
      await this.#lookUpPurchases();
      this.#count = this.#countKnown();
    } catch {
      this.#cursor = undefined;
    }
    this.#nextLookMs = this.#dependencies.now().getTime() + pages * pausePerPageMs;
  }

  /** During a pass of several looks, operators decide about dead letters that were found before. */
  async #dropDecided(): Promise<void> {
    const known = [this.#pass.waiting, this.#last?.waiting ?? new Map<string, string>()];
    const decisions = await this.#dependencies.records.readDecisions(
      known.flatMap((waiting) => [...waiting.keys()]),
    );
    for (const [id, { state }] of decisions)
      if (state !== 'waiting') for (const waiting of known) waiting.delete(id);
  }

  /** Looks up some purchases that were not recorded when they were looked up last, those first that were never looked up. */
  async #lookUpPurchases(): Promise<void> {
    const ids = this.#known().map(([id]) => id);
    const known = new Set(ids);
    const lookedUp = [...this.#isRecorded].filter(([id]) => known.has(id));
    const ahead = [
      ...ids.filter((id) => !this.#isRecorded.has(id)),
      ...lookedUp.filter(([, isRecorded]) => !isRecorded).map(([id]) => id),
    ].slice(0, this.#limits.lookUpsMax);
    const recorded = new Set(ahead.length === 0 ? [] : await this.#dependencies.findRecorded(ahead));
    this.#isRecorded = new Map([
      ...lookedUp.filter(([id]) => !ahead.includes(id)),
      ...ahead.map((id) => [id, recorded.has(id)] as const),
    ]);
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
    const { pageLength } = this.#limits;
    for await (const { entries, next } of this.#dependencies.records.newestFirst(cursor, pageLength)) {
      for (const { entry, decision } of entries)
        if (stateIn(decision) === 'waiting') keepOldest(this.#pass, entry);
      return next;
    }
    return undefined;
  }

  /** The waiting ones that were found, with the time when each arrived, the oldest first. */
  #known(): [string, string][] {
    const all = new Map([...(this.#last?.waiting ?? []), ...this.#pass.waiting]);
    return [...all].sort(([, one], [, other]) => (one < other ? -1 : 1));
  }

  #countKnown(): WaitingDeadLetters {
    const arrivals = this.#known().flatMap(([id, at]) => (this.#isRecorded.get(id) === true ? [] : [at]));
    const [oldestAt] = arrivals;
    return {
      count: Math.min(arrivals.length, countMax),
      isMore: (this.#last?.isCut ?? true) || arrivals.length > countMax,
      ...(oldestAt === undefined ? {} : { oldestAt }),
      at: this.#dependencies.now().toISOString(),
    };
  }
}

/** Keeps the oldest ones, because their age is shown: as many as can be counted, and one more. */
function keepOldest(pass: Pass, { id, arrivedAt }: { id: string; arrivedAt: string }): void {
  pass.waiting.set(id, arrivedAt);
  if (pass.waiting.size <= countMax + 1) return;
  const [newest] = [...pass.waiting].reduce((one, other) => (other[1] > one[1] ? other : one));
  pass.waiting.delete(newest);
  pass.isCut = true;
}
