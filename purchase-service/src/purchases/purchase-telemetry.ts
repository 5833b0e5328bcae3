import type { Logger } from '@unity-purchase/service-kit';
import { Counter, Histogram, type Registry } from 'prom-client';

/** From "immediately" to "after an outage". A purchase that waits longer than ten minutes is an incident. */
const freshnessBucketsSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

/** Reports what happened to a purchase: each function increments a counter, and logs a line if an operator may have to act. */
export type PurchaseTelemetry = {
  recorded: (freshnessMs: number) => void;
  duplicate: () => void;
  conflict: (purchaseId: string) => void;
  erased: () => void;
  invalid: (reasons: readonly string[]) => void;
  unavailable: (error: Error) => void;
};

/** Purchase ids are random and may be logged. Shoppers, amounts and events must not be. */
export function purchaseTelemetry(registry: Registry, logger: Logger): PurchaseTelemetry {
  const registers = [registry];
  const recorded = new Counter({ name: 'purchases_recorded_total', help: 'Purchases recorded', registers });
  const freshness = new Histogram({
    name: 'purchase_freshness_seconds',
    help: 'Time from placing a purchase to recording it',
    buckets: freshnessBucketsSeconds,
    registers,
  });
  const duplicates = new Counter({
    name: 'purchase_duplicates_total',
    help: 'Events of purchases that were already recorded',
    registers,
  });
  const conflicts = new Counter({
    name: 'purchase_conflicts_total',
    help: 'Events of another order under the id of a recorded purchase, which stays',
    registers,
  });
  const erased = new Counter({
    name: 'purchase_events_erased_total',
    help: 'Events of purchases placed before their shopper was erased, which are not recorded',
    registers,
  });
  const rejected = new Counter({
    name: 'purchase_events_rejected_total',
    help: 'Events that are not valid and became dead letters',
    registers,
  });
  const retried = new Counter({
    name: 'purchase_events_retried_total',
    help: 'Deliveries that could not be recorded and will be redelivered',
    registers,
  });
  return {
    recorded: (freshnessMs) => {
      recorded.inc();
      freshness.observe(Math.max(0, freshnessMs) / 1000);
    },
    duplicate: () => {
      duplicates.inc();
    },
    conflict: (purchaseId) => {
      conflicts.inc();
      logger.info({ purchaseId }, 'another order arrived under the id of a recorded purchase, which stays');
    },
    erased: () => {
      erased.inc();
    },
    invalid: (reasons) => {
      rejected.inc();
      logger.warn({ reasons }, 'an event is not valid and becomes a dead letter');
    },
    unavailable: (err) => {
      retried.inc();
      logger.error({ err }, 'a purchase could not be recorded; its event will be redelivered');
    },
  };
}
