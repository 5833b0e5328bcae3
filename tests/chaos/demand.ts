import { setTimeout as delay } from 'node:timers/promises';
import { toError } from '@unity-purchase/service-kit';
import type { Buyers } from '../conformance/buyers.js';
import type { ShopperClient } from '../system/shopper-client.js';

/** While the shop is away its shoppers wait and try again; so many at the most, as there are so many people. */
const waitingMax = 500;

/** Every so many purchases one is sent twice, as by a double click. */
const twiceEvery = 10;

/** What came of a stream of purchases. */
export type Demand = {
  purchases: number;
  /** The longest time in which no purchase was accepted. */
  longestSilenceMs: number;
};

/**
 * Buys at a steady rate, by API and by form in turn, for all shoppers in turn, until `isOver`. Each tries until it is
 * accepted; resolves when the last one is. Rejects when one was not within two minutes, or nobody could try any more.
 */
export async function buySteadily(
  buyers: Buyers,
  shoppers: readonly ShopperClient[],
  { perSecond, isOver }: { perSecond: number; isOver: () => boolean },
): Promise<Demand> {
  const startMs = performance.now();
  let acceptedMs = startMs;
  const demand: Demand = { purchases: 0, longestSilenceMs: 0 };
  let failure: Error | undefined;
  const waiting = new Set<Promise<void>>();
  const buy = async (shopper: ShopperClient, number: number): Promise<void> => {
    try {
      const sendings = number % twiceEvery === 0 ? 2 : 1;
      await buyers.buy(shopper, sendings, number % 2 === 0 ? 'api' : 'form');
      const nowMs = performance.now();
      demand.longestSilenceMs = Math.max(demand.longestSilenceMs, nowMs - acceptedMs);
      acceptedMs = nowMs;
    } catch (error) {
      failure ??= toError(error);
    }
  };
  for (; !isOver() && failure === undefined; demand.purchases += 1) {
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
