import { setTimeout as wait } from 'node:timers/promises';
import type { HistoryPage } from '@unity-purchase/contracts';
import type { PlacePurchase } from '../purchases/place-purchase.js';

/** How soon the first question is asked, and how far apart the later ones come to be. */
export type WatchDelays = { firstMs: number; lastMs: number; factor: number };

const watchDelays: WatchDelays = { firstMs: 250, lastMs: 15_000, factor: 1.5 };

type Watch = { listeners: Set<(page: HistoryPage) => void>; delayMs: number; hurry: AbortController };

/**
 * Watches histories for those who look at them: asks for the newest page of a shopper soon and then ever more slowly, one
 * question for all who look, and none when nobody does.
 */
export class ShopperWatches {
  readonly #ask: (shopperId: string) => Promise<HistoryPage>;
  readonly #delays: WatchDelays;
  readonly #watches = new Map<string, Watch>();

  constructor(ask: (shopperId: string) => Promise<HistoryPage>, delays: WatchDelays = watchDelays) {
    this.#ask = ask;
    this.#delays = delays;
  }

  /** Hears every answer about a shopper from now on, and begins asking soon again; gives what ends it. */
  listen(shopperId: string, listener: (page: HistoryPage) => void): () => void {
    const watch = this.#watches.get(shopperId) ?? this.#begin(shopperId);
    watch.listeners.add(listener);
    this.hurry(shopperId);
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size > 0) return;
      if (this.#watches.get(shopperId) === watch) this.#watches.delete(shopperId);
      watch.hurry.abort();
    };
  }

  /** Something is about to happen: where somebody looks, the next question is asked soon. */
  hurry(shopperId: string): void {
    const watch = this.#watches.get(shopperId);
    if (watch === undefined) return;
    watch.delayMs = this.#delays.firstMs;
    watch.hurry.abort();
  }

  #begin(shopperId: string): Watch {
    const watch: Watch = {
      listeners: new Set(),
      delayMs: this.#delays.firstMs,
      hurry: new AbortController(),
    };
    this.#watches.set(shopperId, watch);
    void this.#run(shopperId, watch);
    return watch;
  }

  async #run(shopperId: string, watch: Watch): Promise<void> {
    const isOn = () => this.#watches.get(shopperId) === watch;
    while (isOn()) {
      const hurried = await this.#pause(watch);
      if (hurried || !isOn()) continue;
      watch.delayMs = Math.min(watch.delayMs * this.#delays.factor, this.#delays.lastMs);
      // What cannot be asked now is asked again, later: the page still tells the truth of when it was made.
      const page = await this.#ask(shopperId).catch(() => undefined);
      if (page === undefined) continue;
      for (const listener of [...watch.listeners]) listener(page);
    }
  }

  /** Waits for the delay to be over; true if it was cut short, and a shorter one begins. */
  async #pause(watch: Watch): Promise<boolean> {
    if (watch.hurry.signal.aborted) watch.hurry = new AbortController();
    try {
      await wait(watch.delayMs, undefined, { signal: watch.hurry.signal, ref: false });
      return false;
    } catch {
      return true;
    }
  }
}

/** Places purchases, and lets those who look at a shopper's history hear of them soon. */
export function hurrying(place: PlacePurchase, watches: ShopperWatches): PlacePurchase {
  return async (order) => {
    const placement = await place(order);
    watches.hurry(order.shopper.id);
    return placement;
  };
}
