import { appIds, purchasePlaced, type AuditAction, type Purchase } from '@unity-purchase/contracts';
import { createDependencies } from '@unity-purchase/purchase-service';
import { createDaprGateway, createLogger } from '@unity-purchase/service-kit';
import { Registry } from 'prom-client';
import type { TestSystem } from '../system/test-system.js';

/** Writes records at earlier times. */
export type EarlierRecords = AsyncDisposable & {
  /** Records a purchase so long after it was placed. */
  record: (purchase: Purchase, afterMs?: number) => Promise<void>;
  /** Keeps what was delivered as a dead letter that arrived at a time. */
  keep: (delivered: string | Buffer, arrivedMs: number) => Promise<void>;
  /** Writes an action of an operator to the audit log. */
  audit: (entry: AuditedBefore) => Promise<void>;
};

export type AuditedBefore = { atMs: number; operator: string; action: AuditAction; target?: string };

/**
 * Runs the purchase-service's own code with a clock of its own, through the running sidecar and into the real store. So a history of
 * years is exactly what the service would have written. Times in a log never decrease: write the oldest records first, and all of
 * them before the running service writes any.
 */
export function writeEarlierRecords({ system }: TestSystem, daprToken: string): EarlierRecords {
  let clockMs = 0;
  const gateway = createDaprGateway(system.ports(appIds.purchaseService).daprHttp, daprToken);
  const service = createDependencies(
    { instanceName: 'earlier', tokens: { sidecar: undefined, operator: undefined } },
    {
      gateway,
      registry: new Registry(),
      logger: createLogger('earlier', { level: 'silent', format: 'json' }),
    },
    { now: () => new Date(clockMs) },
  );
  return {
    record: async (purchase, afterMs = 240) => {
      clockMs = Date.parse(purchase.placedAt) + afterMs;
      const outcome = await service.recordPurchase(purchasePlaced(purchase));
      if (outcome !== 'recorded') throw new Error(`the outcome of recording was ${outcome}`);
    },
    keep: async (delivered, arrivedMs) => {
      clockMs = arrivedMs;
      await service.deadLetters.keep(Buffer.from(delivered));
    },
    audit: async ({ atMs, ...entry }) => {
      clockMs = atMs;
      await service.audit.write({ ...entry, target: entry.target, requestId: `request-${atMs}` });
    },
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}
