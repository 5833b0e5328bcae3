import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { readMetric } from '../../system/prometheus.js';
import { buyAtARate } from '../load/buy-at-a-rate.js';
import type { Shopper } from '../load/shoppers.js';
import type { Pipeline } from '../pipelines/pipeline.js';
import { percentile } from '../report/statistics.js';
import type { HangingReadsRound } from '../results.js';

/** Purchases and questions per second: few enough that neither queues because of its own number. */
export const purchasesPerSecond = 100;
export const readsPerSecond = 100;

/** Enough connections for all reads that wait at one time, and for those that are refused. */
const connections = 1_024;

/** Reads start this long before the purchases that count, so that as many hang as may. */
const untilReadsHangMs = 2_000;

type Options = {
  round: number;
  seconds: number;
  shoppers: readonly Shopper[];
  /** Runs `use` while the purchase-service gets no processor time, so that every read of a history hangs. */
  withoutAnswers: <T>(use: () => Promise<T>) => Promise<T>;
};

/**
 * Measures buying at a constant rate, alone and then while shoppers ask for histories that are not answered. Nothing is
 * recorded meanwhile, so that the reads are the only difference. Rejects if a purchase is not accepted, or if a history is
 * answered, because then reads do not hang.
 */
export async function measureHangingReads(
  { storefront, recorder }: Pipeline,
  { round, seconds, shoppers, withoutAnswers }: Options,
): Promise<HangingReadsRound> {
  const buy = () => buyAtARate({ storefront, shoppers, perSecond: purchasesPerSecond, seconds });
  await recorder.start();
  try {
    return await withoutAnswers(async () => {
      const alone = await buy();
      const reads = readWithoutPause(storefront, shoppers);
      try {
        await delay(untilReadsHangMs);
        const inProgress = await readMetric(`${storefront}/metrics`, 'http_requests_in_flight');
        const whileReadsHang = await buy();
        return {
          round,
          purchases: whileReadsHang.length,
          readsInProgress: inProgress,
          alone: latencies(alone),
          whileReadsHang: latencies(whileReadsHang),
        };
      } finally {
        await reads.stop();
      }
    });
  } finally {
    await recorder.stop();
  }
}

function latencies(latenciesMs: readonly number[]): { p50Ms: number; p99Ms: number } {
  return { p50Ms: percentile(latenciesMs, 50), p99Ms: percentile(latenciesMs, 99) };
}

/** Asks for the histories of all shoppers in turn, at a constant rate. `stop` rejects if one of them was answered. */
function readWithoutPause(storefront: string, shoppers: readonly Shopper[]): { stop: () => Promise<void> } {
  const pool = new Pool(storefront, { connections });
  let answered = 0;
  let count = 0;
  const read = async (number: number): Promise<void> => {
    const { cookie = '' } = shoppers[number % shoppers.length] ?? {};
    const answer = await pool.request({ method: 'GET', path: '/api/purchases', headers: { cookie } });
    await answer.body.dump();
    if (answer.statusCode < 500) answered += 1;
  };
  const startMs = performance.now();
  const timer = setInterval(() => {
    const due = Math.ceil(((performance.now() - startMs) / 1_000) * readsPerSecond);
    // Those that hang when the measurement ends are given up.
    for (; count < due; count += 1) void read(count).catch(() => undefined);
  }, 5);
  return {
    stop: async () => {
      clearInterval(timer);
      await pool.destroy();
      if (answered > 0) throw new Error(`${answered} of ${count} reads did not hang`);
    },
  };
}
