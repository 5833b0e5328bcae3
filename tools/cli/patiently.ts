import { setTimeout as delay } from 'node:timers/promises';

const pausesMs = [1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Does work that is safe to repeat, and tries again after each failure: a service may be restarting. Rejects with the last failure.
 */
export async function patiently<Result>(
  work: () => Promise<Result>,
  pauses: readonly number[] = pausesMs,
): Promise<Result> {
  for (const pauseMs of pauses)
    try {
      return await work();
    } catch {
      await delay(pauseMs);
    }
  return work();
}
