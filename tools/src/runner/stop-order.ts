import { appIds } from '@unity-purchase/contracts';

/**
 * When a part is stopped; lower first. The storefront drains while it can still publish. A consumer's sidecar goes before
 * its app: it hands over no more, and what it has handed over is still finished and acknowledged. Everything needs the
 * broker, which goes last.
 */
export function stopStageOf(appId: string, part: 'app' | 'sidecar'): number {
  if (appId === appIds.storefront) return part === 'app' ? 0 : 1;
  return part === 'sidecar' ? 2 : 3;
}

/** The stage of the broker. */
export const brokerStopStage = 4;
