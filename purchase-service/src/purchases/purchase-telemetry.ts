import type { Logger } from '@unity-purchase/service-kit';
import { Counter, Histogram, type Registry } from 'prom-client';

/** From "at once" to "after an outage": a purchase that waited longer than ten minutes is an incident of its own. */
const freshnessBucketsSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

/** What happens to purchases here, each as one function: a counter, and a log line where somebody has to look. */
export type PurchaseTelemetry = {
  recorded: (freshnessMs: number) => void;
  repeated: () => void;
  contradicted: (purchaseId: string) => void;
  erased: () => void;
  invalid: (reasons: readonly string[]) => void;
  unavailable: (error: Error) => void;
};

/** Purchase ids are random and may be logged; shoppers, amounts and events may not. */
export function purchaseTelemetry(registry: Registry, logger: Logger): PurchaseTelemetry {
  const registers = [registry];
  const recorded = new Counter({ name: 'purchases_recorded_total', help: 'Purchases recorded', registers });
  const freshness = new Histogram({
    name: 'purchase_freshness_seconds',
    help: 'Time from placing a purchase to its record',
    buckets: freshnessBucketsSeconds,
    registers,
  });
  const duplicates = new Counter({
    name: 'purchase_duplicates_total',
    help: 'Events of purchases that were recorded already',
    registers,
  });
  const conflicts = new Counter({
    name: 'purchase_conflicts_total',
    help: 'Events that contradict the record of their purchase',
    registers,
  });
  const erased = new Counter({
    name: 'purchase_events_erased_total',
    help: 'Events of purchases that were placed before their shopper was erased; nothing is recorded of them',
    registers,
  });
  const rejected = new Counter({
    name: 'purchase_events_rejected_total',
    help: 'Events that are not valid and went to the dead letters',
    registers,
  });
  const retried = new Counter({
    name: 'purchase_events_retried_total',
    help: 'Deliveries that could not be recorded and were handed back to come again',
    registers,
  });
  return {
    recorded: (freshnessMs) => {
      recorded.inc();
      freshness.observe(Math.max(0, freshnessMs) / 1000);
    },
    repeated: () => {
      duplicates.inc();
    },
    contradicted: (purchaseId) => {
      conflicts.inc();
      logger.warn(
        { purchaseId },
        'an event contradicts the record of its purchase and goes to the dead letters',
      );
    },
    erased: () => {
      erased.inc();
    },
    invalid: (reasons) => {
      rejected.inc();
      logger.warn({ reasons }, 'an event is not valid and goes to the dead letters');
    },
    unavailable: (err) => {
      retried.inc();
      logger.error({ err }, 'a purchase could not be recorded; its event will come again');
    },
  };
}
