import { setTimeout as delay } from 'node:timers/promises';
import type { Recorder, RecordingPipeline } from '../pipelines/pipeline.js';
import type { DrainRound } from '../results.js';
import { startProcessorClock } from './processor-time.js';

/** A recorder that joins its group waits some seconds for members that left. */
const firstWithinMs = 60_000;

/** Below this rate per second the recorder counts as stuck. */
const perSecondMin = 20;

/** Each poll costs the recorder about a millisecond. */
const lookIntervalMs = 100;

/**
 * Measures how fast a newly started recorder records a backlog of `count` purchases. Start-up does not count: measuring
 * begins at the first poll that finds a recorded purchase.
 */
export async function measureDrain(
  pipeline: RecordingPipeline,
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

/** Resolves with the first poll that found at least this many recorded. */
async function lookFor(
  recorder: Recorder,
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
