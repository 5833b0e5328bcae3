import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { order, type Shopper } from './shoppers.js';

/** More than enough for a rate that the storefront sustains. */
const connections = 64;

/**
 * Sends orders at a constant rate without waiting for answers (an open load model). Resolves when all are accepted; rejects
 * when one is not.
 */
export async function buyAtARate(options: {
  storefront: string;
  shoppers: readonly Shopper[];
  perSecond: number;
  seconds: number;
}): Promise<void> {
  const { storefront, shoppers, perSecond, seconds } = options;
  const pool = new Pool(storefront, { connections });
  const buy = async (number: number): Promise<void> => {
    const { cookie = '' } = shoppers[number % shoppers.length] ?? {};
    const answer = await pool.request({
      method: 'POST',
      path: '/api/purchases',
      headers: { cookie, 'content-type': 'application/json' },
      body: order,
    });
    await answer.body.dump();
    if (answer.statusCode !== 202) throw new Error(`a purchase was answered with ${answer.statusCode}`);
  };
  const underWay: Promise<void>[] = [];
  const startMs = performance.now();
  const count = Math.floor(perSecond * seconds);
  try {
    while (underWay.length < count) {
      const due = Math.min(count, Math.ceil(((performance.now() - startMs) / 1_000) * perSecond));
      while (underWay.length < due) underWay.push(buy(underWay.length));
      await delay(1);
    }
    await Promise.all(underWay);
  } finally {
    await pool.destroy();
  }
}
