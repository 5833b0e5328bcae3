import type { Purchase } from '@unity-purchase/contracts';
import type { Logger } from '@unity-purchase/service-kit';
import { Counter, Histogram, type Registry } from 'prom-client';

/** In minor units: from one euro to a hundred thousand euros. */
const amountBuckets = [100, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 1_000_000, 10_000_000];

/** Reports the result of a placement in metrics and in the log. */
export type PlacementTelemetry = {
  accepted: (purchase: Purchase) => void;
  notPlaced: (outcome: 'not-accepted' | 'not-confirmed', purchaseId: string, error: Error) => void;
};

/** Logs contain purchase ids, but no shoppers and no amounts. */
export function placementTelemetry(registry: Registry, logger: Logger): PlacementTelemetry {
  const registers = [registry];
  const accepted = new Counter({
    name: 'purchases_accepted_total',
    help: 'Purchases the broker acknowledged',
    registers,
  });
  const notPlaced = new Counter({
    name: 'purchases_not_placed_total',
    help: 'Purchases the broker did not acknowledge',
    labelNames: ['outcome'] as const,
    registers,
  });
  const amount = new Histogram({
    name: 'purchase_amount',
    help: 'Totals of accepted purchases, in minor units',
    labelNames: ['currency'] as const,
    buckets: amountBuckets,
    registers,
  });
  return {
    accepted: ({ total }) => {
      accepted.inc();
      amount.observe({ currency: total.currency }, total.amount);
    },
    notPlaced: (outcome, purchaseId, err) => {
      notPlaced.inc({ outcome });
      logger.error({ purchaseId, outcome, err }, 'a purchase could not be placed');
    },
  };
}
