import { setTimeout as delay } from 'node:timers/promises';

/** How to notice an outage of a broker, and what to do after one. */
export type OutageWatch = {
  /** Resolves to `true` while the broker answers. */
  isThere: () => Promise<boolean>;
  /** An outage that lasts at least this long is a long one. */
  longMs: number;
  /** Runs when the broker is back after a long outage. A failure is reported and does not end the watch. */
  afterLongOutage: () => Promise<void>;
  report: (text: string) => void;
  signal: AbortSignal;
  /** The pause between two questions; a second by default. */
  intervalMs?: number;
};

/**
 * Watches a broker until the signal aborts. It acts only when the broker is back: a sidecar that restarts without its broker
 * ends, and the histories that it serves would not be readable during the outage.
 */
export async function watchForOutages(watch: OutageWatch): Promise<void> {
  const { isThere, longMs, afterLongOutage, report, signal, intervalMs = 1_000 } = watch;
  let awaySinceMs: number | undefined;
  while (!signal.aborted) {
    if (!(await isThere())) {
      awaySinceMs ??= performance.now();
    } else if (awaySinceMs !== undefined) {
      const awayMs = performance.now() - awaySinceMs;
      awaySinceMs = undefined;
      if (awayMs >= longMs)
        await afterLongOutage().catch((error: unknown) => {
          report(String(error));
        });
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
