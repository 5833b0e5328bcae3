import { setTimeout as delay } from 'node:timers/promises';

/** The most work in flight. */
const inFlightMax = 200;

/**
 * Starts work at a constant rate until `isOver`, and less often while too much of it is in flight. Resolves when all of it has
 * ended; rejects with the first failure.
 */
export async function atARate(
  perSecond: number,
  isOver: () => boolean,
  work: (number: number) => Promise<void>,
): Promise<void> {
  const startMs = performance.now();
  const inFlight = new Set<Promise<void>>();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Awaited only while the rate is kept.
  failed.catch(() => undefined);
  for (let number = 0; !isOver(); number += 1) {
    const done = work(number)
      .catch(fail)
      .finally(() => inFlight.delete(done));
    inFlight.add(done);
    if (inFlight.size >= inFlightMax) await Promise.race(inFlight);
    const waitMs = startMs + ((number + 1) * 1_000) / perSecond - performance.now();
    await Promise.race([delay(Math.max(0, waitMs)), failed]);
  }
  await Promise.race([Promise.all(inFlight), failed]);
}
