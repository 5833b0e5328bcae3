import {
  Lifecycle,
  RecentActivity,
  createLogger,
  managementRoutes,
  tellActivity,
  type CallerTokens,
} from '@unity-purchase/service-kit';
import { Router } from 'express';
import { Registry } from 'prom-client';
import type { PurchasePlaced } from '@unity-purchase/contracts';
import { v7 } from 'uuid';
import { createApp } from '../../src/app.js';
import { AuditLog } from '../../src/audit/audit-log.js';
import { deadLetterTelemetry as createDeadLetterTelemetry } from '../../src/dead-letters/dead-letter-telemetry.js';
import { DeadLetters } from '../../src/dead-letters/dead-letters.js';
import { PurchaseHistory } from '../../src/purchases/purchase-history.js';
import { PurchaseJournal } from '../../src/purchases/purchase-journal.js';
import { purchaseTelemetry } from '../../src/purchases/purchase-telemetry.js';
import { createRecordPurchase } from '../../src/purchases/record-purchase.js';
import { createSearchPurchases } from '../../src/purchases/search-purchases.js';
import { apiRouters } from '../../src/routes/api-document.js';
import { Erasures } from '../../src/shoppers/erasures.js';
import { ShopperRecords } from '../../src/shoppers/shopper-records.js';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';

/** The service's own app over a store in memory, with everything it logs. */
export function createTestApp(
  nowMs = Date.UTC(2026, 0, 1, 0, 0, 2),
  tokens: CallerTokens = { sidecar: undefined, operator: undefined },
) {
  const store = new MemoryLogStore();
  const logLines: string[] = [];
  const logger = createLogger(
    'test',
    { level: 'debug', format: 'json' },
    { write: (line: string) => logLines.push(line) },
  );
  const registry = new Registry();
  const lifecycle = new Lifecycle(logger);
  const now = () => new Date(nowMs);
  const history = new PurchaseHistory(store, now);
  const journal = new PurchaseJournal(store, now, 'replica-1');
  const telemetry = purchaseTelemetry(registry, logger);
  const deadLetterTelemetry = createDeadLetterTelemetry(registry, logger);
  const published: PurchasePlaced[] = [];
  const broker = { isAway: false };
  const erasures = new Erasures(store);
  const deadLetters = new DeadLetters({
    store,
    history,
    erasures,
    publish: (event) => {
      if (broker.isAway) return Promise.reject(new Error('the broker is away'));
      published.push(event);
      return Promise.resolve();
    },
    telemetry: deadLetterTelemetry,
    newEventId: () => `event-${published.length + 1}`,
    now,
  });
  const management = managementRoutes(
    lifecycle,
    [{ name: 'store', check: () => store.getBulk(['x']) }],
    registry,
    logger,
  );
  const recentActivity = new RecentActivity({
    registry,
    counters: { recorded: 'purchases_recorded_total' },
    histograms: { freshness: 'purchase_freshness_seconds' },
    now,
  });
  const dependencies = {
    logger,
    registry,
    history,
    searchPurchases: createSearchPurchases({ history, journal }),
    telemetry,
    deadLetters,
    shopperRecords: new ShopperRecords({ history, journal, deadLetters, erasures, logger, now }),
    audit: new AuditLog({ store, newEntryId: v7, now }),
    deadLetterTelemetry,
    tokens,
    recordPurchase: createRecordPurchase({ history, erasures, journal, telemetry, now }),
    activity: () => tellActivity('replica-1', recentActivity, management.report),
    management: Router().use(management.probes, management.insight),
  };
  const operations = apiRouters(dependencies).flatMap((api) => api.operations);
  return {
    app: createApp(dependencies),
    operations,
    store,
    logLines,
    registry,
    lifecycle,
    published,
    broker,
    recentActivity,
  };
}
