import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Activity, WaitingDeadLetters } from '@unity-purchase/contracts';
import { AppError, inLane } from '@unity-purchase/service-kit';
import type { Unrecorded, UnrecordedPurchases } from '../purchases/unrecorded-purchases.js';
import type { Desk } from './desk.js';
import { failingPartOf, type FailingPart } from './failing-part.js';

/** What the desk knows about the system. */
export type SystemStatus = {
  /** When this replica of the storefront was read. */
  at: Date;
  storefront: Activity;
  /** The last answer of the purchase-service, and when it came; undefined before the first one. */
  purchaseService: { activity: Activity; at: Date } | undefined;
  /** Why the purchase-service could not be asked the last time, and since when; undefined if it answered. */
  failure: { part: FailingPart; since: Date } | undefined;
  unrecorded: Unrecorded;
};

/** For how long a status is fresh, how often watched ones are read, and how old the one behind other pages becomes. */
export type DeskDelays = { freshMs: number; pollMs: number; backgroundMs: number };

const deskDelays: DeskDelays = { freshMs: 1_000, pollMs: 2_000, backgroundMs: 5_000 };

/** The number of dead letters is not shown any more when it is older. */
const countShownMs = 60_000;

type Options = {
  /** The recent activity and health of this replica of the storefront. */
  readOwn: () => Promise<Activity>;
  desk: Pick<Desk, 'activity'>;
  unrecorded: Pick<UnrecordedPurchases, 'count'>;
  now: () => Date;
  delays?: DeskDelays | undefined;
};

/**
 * Reads the status of the system for all pages and streams of the desk together: one read at a time, and regularly only while
 * someone watches.
 */
export class DeskWatch {
  readonly #options: Options;
  readonly #delays: DeskDelays;
  readonly #listeners = new Set<(status: SystemStatus) => void>();
  #last: SystemStatus | undefined;
  #reading: Promise<SystemStatus> | undefined;
  #startedMs = -Infinity;
  #isRunning = false;

  constructor(options: Options) {
    this.#options = options;
    this.#delays = options.delays ?? deskDelays;
  }

  /** A status that is at most a second old. It never rejects because a part does not work: it says so. */
  read(): Promise<SystemStatus> {
    if (this.#reading !== undefined) return this.#reading;
    const isFresh = this.#ageMs() < this.#delays.freshMs;
    if (this.#last !== undefined && isFresh) return Promise.resolve(this.#last);
    this.#startedMs = this.#nowMs();
    this.#reading = inLane('live', () => this.#readOnce()).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** How many dead letters wait, as far as that is known, without waiting for anything. It may start a read for the next page. */
  get waitingDeadLetters(): WaitingDeadLetters | undefined {
    if (this.#ageMs() > this.#delays.backgroundMs) void this.read().catch(() => undefined);
    const known = this.#last?.purchaseService?.activity.waitingDeadLetters;
    return known !== undefined && this.#nowMs() - Date.parse(known.at) < countShownMs ? known : undefined;
  }

  /** Since when a part keeps the purchase-service from answering, if that is the last that is known. */
  get failure(): SystemStatus['failure'] {
    return this.#last?.failure;
  }

  /** Calls the listener with each status that is read from now on. Returns a function that stops this. */
  watch(listener: (status: SystemStatus) => void): () => void {
    this.#listeners.add(listener);
    if (this.#isRunning) void this.#report([listener]);
    else void this.#run();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Reads regularly, while someone watches. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#listeners.size > 0) {
      await this.#report(this.#listeners);
      await wait(this.#delays.pollMs, undefined, { ref: false });
    }
    this.#isRunning = false;
  }

  async #report(listeners: Iterable<(status: SystemStatus) => void>): Promise<void> {
    const status = await this.read().catch(() => undefined);
    if (status === undefined) return;
    for (const listener of [...listeners]) if (this.#listeners.has(listener)) listener(status);
  }

  async #readOnce(): Promise<SystemStatus> {
    const { readOwn, desk, unrecorded, now } = this.#options;
    const [storefront, answer, count] = await Promise.all([
      readOwn(),
      desk.activity().catch((thrown: unknown) => {
        if (thrown instanceof AppError) return failingPartOf(thrown);
        throw thrown;
      }),
      unrecorded.count(),
    ]);
    const at = now();
    const isAnswered = typeof answer !== 'string';
    this.#last = {
      at,
      storefront,
      purchaseService: isAnswered ? { activity: answer, at } : this.#last?.purchaseService,
      failure: isAnswered ? undefined : { part: answer, since: this.#last?.failure?.since ?? at },
      unrecorded: count,
    };
    return this.#last;
  }

  #nowMs(): number {
    return this.#options.now().getTime();
  }

  #ageMs(): number {
    return this.#nowMs() - this.#startedMs;
  }
}

/** A short text that changes whenever something on the overview does, besides the times of reading and the requests for it. */
export function versionOf({ storefront, purchaseService, failure, unrecorded }: SystemStatus): string {
  const of = (activity: Activity | undefined) => [
    activity?.instance,
    activity?.samples.at(-1)?.at,
    { ...activity?.current?.counts, requests: 0 },
    activity?.checks,
    activity?.waitingDeadLetters?.count,
    activity?.waitingDeadLetters?.oldestAt,
  ];
  const shown = [
    of(storefront),
    of(purchaseService?.activity),
    failure,
    unrecorded.count,
    unrecorded.accuracy,
  ];
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 16);
}
