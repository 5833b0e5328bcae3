import { setTimeout as delay } from 'node:timers/promises';

/** Short against everything waited for here, and long against the cost of asking. */
const pollIntervalMs = 50;

/**
 * Asks again and again until the condition answers `true`; any text it answers instead says what is missing. Rejects
 * after `timeoutMs` with that text, or at once when the condition throws.
 */
export async function waitUntil(
  condition: () => true | string | Promise<true | string>,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer === true) return;
    if (performance.now() > deadline) throw new Error(`after ${timeoutMs} ms: ${answer}`);
    await delay(pollIntervalMs);
  }
}
