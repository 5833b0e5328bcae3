import { randomUUID } from 'node:crypto';
import { components, shopperKey, topics } from '@unity-purchase/contracts';
import {
  managementRoutes,
  RecentActivity,
  tellActivity,
  type DaprGateway,
  type HealthCheck,
  type Lifecycle,
  type Logger,
  type ManagementRoutes,
} from '@unity-purchase/service-kit';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { v7 } from 'uuid';
import type { AppDependencies } from './app.js';
import { AuditLog } from './audit/audit-log.js';
import type { Configuration } from './config.js';
import { deadLetterTelemetry as createDeadLetterTelemetry } from './dead-letters/dead-letter-telemetry.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { PurchaseHistory } from './purchases/purchase-history.js';
import { PurchaseJournal } from './purchases/purchase-journal.js';
import { purchaseTelemetry } from './purchases/purchase-telemetry.js';
import { createRecordPurchase } from './purchases/record-purchase.js';
import { createSearchPurchases } from './purchases/search-purchases.js';
import { Erasures } from './shoppers/erasures.js';
import { ShopperRecords } from './shoppers/shopper-records.js';

/** A key that nobody writes: reading it proves that the store answers. */
const healthKey = 'health';

/** Builds everything the service is made of, once, from its configuration. */
export function createDependencies(
  configuration: Configuration,
  gateway: DaprGateway,
  lifecycle: Lifecycle,
  logger: Logger,
): Omit<AppDependencies, 'management'> & {
  managementRoutes: ManagementRoutes;
  recentActivity: RecentActivity;
} {
  const { instanceName, tokens } = configuration;
  const store = gateway.stateStore(components.stateStore);
  const now = () => new Date();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const checks: HealthCheck[] = [
    { name: 'sidecar', check: () => gateway.check() },
    { name: 'statestore', check: () => store.getBulk([healthKey]) },
  ];
  const history = new PurchaseHistory(store, now);
  const journal = new PurchaseJournal(store, now, instanceName);
  const telemetry = purchaseTelemetry(registry, logger);
  const deadLetterTelemetry = createDeadLetterTelemetry(registry, logger);
  const erasures = new Erasures(store);
  const deadLetters = new DeadLetters({
    store,
    history,
    erasures,
    publish: (event) =>
      gateway.publish({
        component: components.pubsub,
        topic: topics.purchaseEvents,
        event,
        partitionKey: shopperKey(event.subject),
      }),
    telemetry: deadLetterTelemetry,
    newEventId: randomUUID,
    now,
  });
  const management = managementRoutes(lifecycle, checks, registry, logger);
  const recentActivity = new RecentActivity({
    registry,
    counters: {
      recorded: 'purchases_recorded_total',
      duplicates: 'purchase_duplicates_total',
      conflicts: 'purchase_conflicts_total',
      rejected: 'purchase_events_rejected_total',
      retried: 'purchase_events_retried_total',
      'dead-letters': 'dead_letters_total',
    },
    histograms: { freshness: 'purchase_freshness_seconds' },
    now,
  });
  return {
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
    activity: () => tellActivity(instanceName, recentActivity, management.report),
    recentActivity,
    managementRoutes: management,
  };
}
