import { setTimeout as wait } from 'node:timers/promises';
import type { HistoryPage } from '@unity-purchase/contracts';
import type { PlacePurchase } from '../purchases/place-purchase.js';

/** The delay before the first poll, the longest delay between polls, and the factor by which it grows. */
export type PollDelays = { firstMs: number; lastMs: number; factor: number };

const pollDelays: PollDelays = { firstMs: 250, lastMs: 15_000, factor: 1.5 };

/** The polling of one shopper's history. */
type Poll = {
  listeners: Set<(page: HistoryPage) => void>;
  /** The next delay. */
  delayMs: number;
  /** When the current delay ends. */
  dueMs: number;
  /** Interrupts the current delay. */
  restart: AbortController;
};

/**
 * Polls the histories of shoppers who have pages open: soon at first, and then more and more slowly. All watchers of a shopper
 * share one poll, which ends with the last of them.
 */
export class ShopperWatchers {
  readonly #readNewestPage: (shopperId: string) => Promise<HistoryPage>;
  readonly #delays: PollDelays;
  readonly #polls = new Map<string, Poll>();

  constructor(readNewestPage: (shopperId: string) => Promise<HistoryPage>, delays: PollDelays = pollDelays) {
    this.#readNewestPage = readNewestPage;
    this.#delays = delays;
  }

  /**
   * Calls the listener with each page of the shopper's history that is read from now on. The first one is read soon. Returns a
   * function that stops watching.
   */
  watch(shopperId: string, listener: (page: HistoryPage) => void): () => void {
    this.notify(shopperId);
    const known = this.#polls.get(shopperId);
    const poll = known ?? newPoll(this.#delays);
    poll.listeners.add(listener);
    if (known === undefined) {
      this.#polls.set(shopperId, poll);
      void this.#run(shopperId, poll);
    }
    return () => {
      poll.listeners.delete(listener);
      if (poll.listeners.size > 0) return;
      if (this.#polls.get(shopperId) === poll) this.#polls.delete(shopperId);
      poll.restart.abort();
    };
  }

  /**
   * Reads the shopper's history soon, because it is about to change. Does nothing if the shopper has no watchers. A read that is
   * due sooner is not postponed, so histories are also read while they change all the time.
   */
  notify(shopperId: string): void {
    const poll = this.#polls.get(shopperId);
    if (poll === undefined) return;
    poll.delayMs = this.#delays.firstMs;
    if (poll.dueMs > performance.now() + poll.delayMs) poll.restart.abort();
  }

  async #run(shopperId: string, poll: Poll): Promise<void> {
    const isActive = () => this.#polls.get(shopperId) === poll;
    while (isActive()) {
      const { delayMs } = poll;
      // `notify` sets it back to the first delay, also during this one.
      poll.delayMs = Math.min(delayMs * this.#delays.factor, this.#delays.lastMs);
      const isInterrupted = await this.#wait(poll, delayMs);
      if (isInterrupted || !isActive()) continue;
      // After a failure the next poll tries again. Until then pages stay as they are.
      const page = await this.#readNewestPage(shopperId).catch(() => undefined);
      if (page === undefined) continue;
      for (const listener of [...poll.listeners]) listener(page);
    }
  }

  /** Waits. Returns true if it was interrupted, so that a shorter delay starts. */
  async #wait(poll: Poll, delayMs: number): Promise<boolean> {
    if (poll.restart.signal.aborted) poll.restart = new AbortController();
    poll.dueMs = performance.now() + delayMs;
    try {
      await wait(delayMs, undefined, { signal: poll.restart.signal, ref: false });
      return false;
    } catch {
      return true;
    }
  }
}

function newPoll({ firstMs }: PollDelays): Poll {
  return { listeners: new Set(), delayMs: firstMs, dueMs: 0, restart: new AbortController() };
}

/** Places purchases, and notifies the shopper's watchers after each one. */
export function notifyWatchers(placePurchase: PlacePurchase, watchers: ShopperWatchers): PlacePurchase {
  return async (purchase, digest) => {
    const placement = await placePurchase(purchase, digest);
    watchers.notify(purchase.shopper.id);
    return placement;
  };
}
