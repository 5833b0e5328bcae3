import { waitUntil } from '@unity-purchase/tools';
import { buyAtARate } from '../load/buy-at-a-rate.js';
import { signInShoppers } from '../load/shoppers.js';
import type { Pipeline, Recorder } from '../pipelines/pipeline.js';
import { percentile } from '../report/statistics.js';
import type { FreshnessRound } from '../results.js';
import { startProcessorClock } from './processor-time.js';

/** The warm-up under load before measurements count: a process that has just started is slower. */
export const warmUpSeconds = 10;

const shopperCount = 64;

/** Time for events still in flight after the last acceptance. */
const lastWithinMs = 60_000;

/** Measures the age of purchases when they are recorded, at a constant rate of purchases. */
export async function measureFreshness(
  pipeline: Pipeline,
  { round, perSecond, seconds }: { round: number; perSecond: number; seconds: number },
): Promise<FreshnessRound> {
  const { side, storefront, recorder } = pipeline;
  await recorder.start();
  try {
    const shoppers = await signInShoppers(storefront, shopperCount);
    const buy = (forSeconds: number) => buyAtARate({ storefront, shoppers, perSecond, seconds: forSeconds });
    await buy(warmUpSeconds);
    await recordedEverything(recorder, Math.floor(perSecond * warmUpSeconds));
    const [startMs, start] = [Date.now(), performance.now()];
    const clock = await startProcessorClock(pipeline);
    await buy(seconds);
    const all = Math.floor(perSecond * warmUpSeconds) + Math.floor(perSecond * seconds);
    await recordedEverything(recorder, all);
    const processorMs = await clock.elapsed();
    const elapsedSeconds = (performance.now() - start) / 1_000;
    const read = await recorder.read(shoppers.map(({ id }) => id));
    const ages = read.filter(({ placedAtMs }) => placedAtMs >= startMs).map(({ ageMs }) => ageMs);
    return {
      ...{ side, round, perSecond, processorMs },
      purchases: ages.length,
      seconds: elapsedSeconds,
      p50Ms: percentile(ages, 50),
      p99Ms: percentile(ages, 99),
    };
  } finally {
    await recorder.stop();
  }
}

/** Resolves when a recorder has recorded this many purchases since it started. */
export async function recordedEverything(recorder: Recorder, count: number): Promise<void> {
  await waitUntil(async () => {
    const recorded = await recorder.recorded();
    return recorded >= count || `${recorded} of ${count} purchases are recorded`;
  }, lastWithinMs);
}
