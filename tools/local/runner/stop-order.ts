import { appIds } from '@unity-purchase/contracts';

/**
 * When a part is stopped; lower first. The storefront drains while it can still publish. A consumer's sidecar goes before
 * its app: it hands over no more, and what it has handed over is still finished and acknowledged. Everything needs the
 * broker and the store, which go last.
 */
export function stopStageOf(appId: string, part: 'app' | 'sidecar'): number {
  if (appId === appIds.storefront) return part === 'app' ? 0 : 1;
  return part === 'sidecar' ? 2 : 3;
}

/** The stage of a process of a server: the last one that was started goes first (`fromLast` is 1). */
export function serverStopStage(fromLast: number): number {
  return 3 + fromLast;
}
