import { buyWithoutPause } from '../load/buy-without-pause.js';
import type { Shopper } from '../load/shoppers.js';
import type { Accepting } from '../pipelines/pipeline.js';
import { percentile } from '../report/statistics.js';
import type { AcceptRound } from '../results.js';
import { startProcessorClock } from './processor-time.js';

/** The numbers of concurrent clients. */
export const clientCounts = [1, 16, 64] as const;

/** Measures how many purchases a storefront accepts from `clients` concurrent clients, and how fast. */
export async function measureAccept(
  accepting: Accepting,
  options: { round: number; shoppers: readonly Shopper[]; clients: number; seconds: number },
): Promise<Omit<AcceptRound, 'side'>> {
  const clock = await startProcessorClock(accepting);
  const { latenciesMs, seconds } = await buyWithoutPause({ ...options, storefront: accepting.storefront });
  return {
    round: options.round,
    clients: options.clients,
    purchases: latenciesMs.length,
    seconds,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
    processorMs: await clock.elapsed(),
  };
}
