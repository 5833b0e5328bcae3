import { setTimeout as wait } from 'node:timers/promises';
import type { PartState } from '@unity-purchase/contracts';
import type { LocalRunner } from '../operators/local-runner.js';
import type { LiveUpdates } from './live-updates.js';

/** The purchase that the page shows, and whose it is. */
export type DemoPurchase = { shopperId: string; purchaseId: string; proof: unknown };

export type DemoUpdatesDependencies = {
  runner: Pick<LocalRunner, 'parts'>;
  updates: Pick<LiveUpdates, 'followPurchase'>;
  /** The pause between two looks at the parts: a second by default, because the page counts seconds. */
  intervalMs?: number;
};

/** Separates the version of the parts from the state of the purchase. Neither contains it. */
const separator = '~';

/** A text that changes with what the page "Watch it survive" shows: each second of a pause, and with the state of its purchase. */
export function versionOfDemo(parts: readonly PartState[] | undefined, state: string | undefined): string {
  return [versionOfParts(parts), state ?? ''].join(separator);
}

/** How long a part stays paused, in whole seconds. */
export function secondsLeft(pausedMs: number): number {
  return Math.ceil(pausedMs / 1_000);
}

/**
 * Reports each new version of an open page "Watch it survive" after the one that it shows. Returns a function that stops this.
 */
export function followDemo(
  { runner, updates, intervalMs = 1_000 }: DemoUpdatesDependencies,
  purchase: DemoPurchase | undefined,
  knownVersion: string,
  changed: (version: string) => void,
): () => void {
  const stopped = new AbortController();
  let [ofParts = '', state = ''] = knownVersion.split(separator);
  let stopPurchase: () => void = () => undefined;
  const report = (): void => {
    changed([ofParts, state].join(separator));
  };
  const followPurchase = (): void => {
    stopPurchase();
    if (purchase === undefined) return;
    stopPurchase = updates.followPurchase(purchase, state, {
      changed: (next) => {
        state = next;
        report();
      },
      settled: () => undefined,
    });
  };
  const look = async (): Promise<void> => {
    const parts = await runner.parts(stopped.signal).catch(() => undefined);
    const next = versionOfParts(parts);
    if (stopped.signal.aborted || next === ofParts) return;
    ofParts = next;
    // When a part is back, the history is read soon, and not after the long delays of an outage.
    if (parts?.every(({ pausedMs }) => pausedMs === undefined) === true) followPurchase();
    report();
  };
  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await look();
      await wait(intervalMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
    }
  };
  followPurchase();
  void run();
  return () => {
    stopped.abort();
    stopPurchase();
  };
}

function versionOfParts(parts: readonly PartState[] | undefined): string {
  if (parts === undefined) return 'none';
  const left = (pausedMs: number | undefined) => (pausedMs === undefined ? '' : `.${secondsLeft(pausedMs)}`);
  return parts.map(({ part, pausedMs }) => part + left(pausedMs)).join();
}
