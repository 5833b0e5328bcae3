import { setTimeout as delay } from 'node:timers/promises';
import type { Pipeline } from '../pipelines/pipeline.js';
import type { DrainRound } from '../results.js';
import { startProcessorClock } from './processor-time.js';

/** A recorder that joins its group waits for the members that left, some seconds. */
const firstWithinMs = 60_000;

/** Slower than this many a second is not slow, but stuck. */
const perSecondMin = 20;

/** Looking costs a recorder about a millisecond. */
const lookIntervalMs = 100;

/**
 * Takes one figure: how fast a recorder, started now, records the `count` purchases that wait. The time and the purchases
 * before the first look that found any recorded do not count: starting is not what is measured.
 */
export async function measureDrain(
  pipeline: Pipeline,
  { round, count }: { round: number; count: number },
): Promise<DrainRound> {
  const { side, recorder } = pipeline;
  await recorder.start();
  try {
    const first = await lookFor(recorder, 1, firstWithinMs);
    const clock = await startProcessorClock(pipeline);
    const last = await lookFor(recorder, count, (count / perSecondMin) * 1_000);
    const processorMs = await clock.elapsed();
    const purchases = last.recorded - first.recorded;
    return { side, round, purchases, seconds: (last.atMs - first.atMs) / 1_000, processorMs };
  } finally {
    await recorder.stop();
  }
}

/** Resolves with the first look that found so many recorded. */
async function lookFor(
  recorder: Pipeline['recorder'],
  count: number,
  withinMs: number,
): Promise<{ recorded: number; atMs: number }> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const look = { recorded: await recorder.recorded(), atMs: performance.now() };
    if (look.recorded >= count) return look;
    if (look.atMs > deadline)
      throw new Error(`after ${withinMs} ms: ${look.recorded} of ${count} purchases are recorded`);
    await delay(lookIntervalMs);
  }
}
