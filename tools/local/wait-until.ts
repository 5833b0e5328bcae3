import { setTimeout as delay } from 'node:timers/promises';

/** Short compared to anything the tools wait for, and long compared to one check. */
const pollIntervalMs = 50;

/**
 * Checks a condition repeatedly until it returns `true`. A text means "not yet" and says what is missing. Rejects after
 * `timeoutMs` with the last text, or at once when the condition throws.
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

/** Rejects with a message once the signal is aborted, also if that was before the call. Never resolves. */
export async function rejectOnAbort(signal: AbortSignal | undefined, message: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    const giveUp = (): void => {
      reject(new Error(message));
    };
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}
