import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { order, type Shopper } from './shoppers.js';

/** More than enough for a rate that the storefront sustains. */
const connections = 64;

/**
 * Sends orders at a constant rate without waiting for answers (an open load model). Resolves with the latencies
 * when all are accepted; rejects when one is not.
 */
export async function buyAtARate(options: {
  storefront: string;
  shoppers: readonly Shopper[];
  perSecond: number;
  seconds: number;
}): Promise<number[]> {
  const { storefront, shoppers, perSecond, seconds } = options;
  const pool = new Pool(storefront, { connections });
  const buy = async (number: number): Promise<number> => {
    const sentMs = performance.now();
    const { cookie = '' } = shoppers[number % shoppers.length] ?? {};
    const answer = await pool.request({
      method: 'POST',
      path: '/api/purchases',
      headers: { cookie, 'content-type': 'application/json' },
      body: order,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 202)
      throw new Error(`a purchase was answered with ${answer.statusCode}: ${text}`);
    return performance.now() - sentMs;
  };
  const underWay: Promise<number>[] = [];
  const startMs = performance.now();
  const count = Math.floor(perSecond * seconds);
  try {
    while (underWay.length < count) {
      const due = Math.min(count, Math.ceil(((performance.now() - startMs) / 1_000) * perSecond));
      while (underWay.length < due) underWay.push(buy(underWay.length));
      await delay(1);
    }
    return await Promise.all(underWay);
  } finally {
    await pool.destroy();
  }
}
