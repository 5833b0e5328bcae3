import { buyAtARate } from '../load/buy-at-a-rate.js';
import type { Shopper } from '../load/shoppers.js';
import type { Accepting } from '../pipelines/pipeline.js';
import type { RateRound } from '../results.js';
import { startProcessorClock } from './processor-time.js';

/** Measures the processor time of accepting purchases at a constant rate. */
export async function measureAtARate(
  { storefront, processes }: Accepting,
  { round, ...load }: { round: number; shoppers: readonly Shopper[]; perSecond: number; seconds: number },
): Promise<RateRound> {
  const clock = await startProcessorClock({ processes });
  const accepted = await buyAtARate({ storefront, ...load });
  return { round, purchases: accepted.length, seconds: load.seconds, processorMs: await clock.elapsed() };
}
