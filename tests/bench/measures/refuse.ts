import { waitUntil } from '@unity-purchase/tools';
import { Pool } from 'undici';
import { order, signInShoppers } from '../load/shoppers.js';
import { readMetric } from '../../system/prometheus.js';
import { percentile } from '../report/statistics.js';
import type { RefuseRound } from '../results.js';

/** Concurrent clients while the storefront is full; each retries as soon as it is refused. */
export const refusedClients = 64;

/** Shorter than the storefront's publish timeout, so that it stays full until the end. */
const askedForMs = 1_500;

/** Slightly longer than the storefront's publish timeout. */
const inFlightWithinMs = 10_000;

type Options = {
  round: number;
  storefront: string;
  /** The number of requests it admits. */
  requestsMax: number;
  /** Runs `use` while publications get no answer. */
  withoutPublications: <T>(use: () => Promise<T>) => Promise<T>;
};

/** Measures how fast a full storefront refuses. Rejects on any answer but 503. */
export async function measureRefusals(options: Options): Promise<RefuseRound> {
  const { round, storefront, requestsMax, withoutPublications } = options;
  // Earlier requests must finish first; otherwise signing in would be refused as well.
  await waitForInFlight(storefront, 0);
  const [shopper] = await signInShoppers(storefront, 1);
  const pool = new Pool(storefront, { connections: requestsMax + refusedClients });
  const ask = async (): Promise<number> => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: '/api/purchases',
      headers: { cookie: shopper?.cookie ?? '', 'content-type': 'application/json' },
      body: order,
    });
    await body.dump();
    return statusCode;
  };
  try {
    return await withoutPublications(async () => {
      // They are given up in the end, whatever happens before.
      void Promise.allSettled(Array.from({ length: requestsMax }, ask));
      await waitForInFlight(storefront, requestsMax);
      const latenciesMs: number[] = [];
      const endMs = performance.now() + askedForMs;
      const client = async (): Promise<void> => {
        while (performance.now() < endMs) {
          const startMs = performance.now();
          const status = await ask();
          if (status !== 503) throw new Error(`a full storefront answered ${status}`);
          latenciesMs.push(performance.now() - startMs);
        }
      };
      await Promise.all(Array.from({ length: refusedClients }, client));
      return {
        round,
        refusals: latenciesMs.length,
        p50Ms: percentile(latenciesMs, 50),
        p99Ms: percentile(latenciesMs, 99),
      };
    });
  } finally {
    await pool.destroy();
  }
}

async function waitForInFlight(storefront: string, count: number): Promise<void> {
  await waitUntil(async () => {
    const inFlight = await readMetric(`${storefront}/metrics`, 'http_requests_in_flight');
    return inFlight === count || `${inFlight} requests are in flight, and not ${count}`;
  }, inFlightWithinMs);
}
