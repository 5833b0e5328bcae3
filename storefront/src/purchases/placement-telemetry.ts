import { decimalAmount, type Purchase } from '@unity-purchase/contracts';
import type { Logger } from '@unity-purchase/service-kit';
import { Counter, Histogram, type Registry } from 'prom-client';

/** From a coffee in euros to a car in yen. Minor units would mix euros, yen and dinars, which have two, none and three decimals. */
const amountBuckets = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 10_000, 100_000, 1_000_000];

const notPlacedOutcomes = ['not-accepted', 'not-confirmed'] as const;

/** Reports the result of a placement in metrics and in the log. */
export type PlacementTelemetry = {
  accepted: (purchase: Purchase) => void;
  notPlaced: (outcome: (typeof notPlacedOutcomes)[number], purchaseId: string, error: Error) => void;
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
    name: 'purchase_amount_major_units',
    help: 'Totals of accepted purchases, in units of their currency',
    labelNames: ['currency'] as const,
    buckets: amountBuckets,
    registers,
  });
  // A counter that begins with its first increase hides it from alerts, because Prometheus sees no change.
  for (const outcome of notPlacedOutcomes) notPlaced.inc({ outcome }, 0);
  return {
    accepted: ({ total }) => {
      accepted.inc();
      amount.observe({ currency: total.currency }, Number(decimalAmount(total)));
    },
    notPlaced: (outcome, purchaseId, err) => {
      notPlaced.inc({ outcome });
      logger.error({ purchaseId, outcome, err }, 'a purchase could not be placed');
    },
  };
}
