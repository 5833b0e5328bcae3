import { setTimeout as delay } from 'node:timers/promises';
import { toError } from '@unity-purchase/service-kit';
import type { Buyers } from '../conformance/buyers.js';
import type { ShopperClient } from '../system/shopper-client.js';

/** The most purchases in flight: shoppers who wait and retry while the shop is down. */
const waitingMax = 500;

/** One in this many purchases is sent twice, like a double click. */
const twiceEvery = 10;

/** The result of a stream of purchases. */
export type Demand = {
  purchases: number;
  /** The longest time without an accepted purchase. */
  longestSilenceMs: number;
};

/**
 * Buys at a constant rate until `isStopped`, alternating between API and form and between shoppers. Each purchase is retried
 * until it is accepted; resolves after the last one. Rejects when one takes over two minutes or all shoppers are stuck.
 */
export async function buySteadily(
  buyers: Buyers,
  shoppers: readonly ShopperClient[],
  { perSecond, isStopped }: { perSecond: number; isStopped: () => boolean },
): Promise<Demand> {
  const startMs = performance.now();
  let acceptedMs = startMs;
  const demand: Demand = { purchases: 0, longestSilenceMs: 0 };
  let failure: Error | undefined;
  const waiting = new Set<Promise<void>>();
  const buy = async (shopper: ShopperClient, number: number): Promise<void> => {
    try {
      const copies = number % twiceEvery === 0 ? 2 : 1;
      await buyers.buy(shopper, copies, number % 2 === 0 ? 'api' : 'form');
      const nowMs = performance.now();
      demand.longestSilenceMs = Math.max(demand.longestSilenceMs, nowMs - acceptedMs);
      acceptedMs = nowMs;
    } catch (error) {
      failure ??= toError(error);
    }
  };
  for (; !isStopped() && failure === undefined; demand.purchases += 1) {
    const shopper = shoppers[demand.purchases % shoppers.length];
    if (shopper === undefined) throw new Error('there are no shoppers');
    if (waiting.size >= waitingMax) await Promise.race(waiting);
    const bought = buy(shopper, demand.purchases).finally(() => waiting.delete(bought));
    waiting.add(bought);
    await delay(Math.max(0, startMs + ((demand.purchases + 1) * 1_000) / perSecond - performance.now()));
  }
  await Promise.all(waiting);
  if (failure !== undefined) throw failure;
  return demand;
}
