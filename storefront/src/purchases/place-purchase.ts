import {
  components,
  purchasePlaced,
  shopperKey,
  sumOfLines,
  topics,
  type Currency,
  type Purchase,
  type PurchaseLine,
  type Shopper,
} from '@unity-purchase/contracts';
import { DaprError, type Publish } from '@unity-purchase/service-kit';
import type { PlacementTelemetry } from './placement-telemetry.js';

/** The result of placing a purchase: the broker acknowledged it, it was certainly not published, or unknown. */
export type Placement = { outcome: 'accepted' | 'not-accepted' | 'not-confirmed'; purchase: Purchase };

/** An order with the prices at which it is placed. */
export type PricedOrder = {
  purchaseId: string;
  shopper: Shopper;
  lines: PurchaseLine[];
  currency: Currency;
};

/** Places a purchase: it is accepted if and only if the broker acknowledged its event. */
export type PlacePurchase = (order: PricedOrder) => Promise<Placement>;

export function createPlacePurchase({
  publish,
  telemetry,
  now,
}: {
  publish: Publish;
  telemetry: PlacementTelemetry;
  now: () => Date;
}): PlacePurchase {
  return async ({ purchaseId, shopper, lines, currency }) => {
    const purchase: Purchase = {
      purchaseId,
      shopper,
      lines,
      total: { amount: sumOfLines(lines), currency },
      placedAt: now().toISOString(),
    };
    try {
      await publish({
        component: components.pubsub,
        topic: topics.purchaseEvents,
        event: purchasePlaced(purchase),
        // Brokers and their tools show the partition key, so it must not contain the shopper's id.
        partitionKey: shopperKey(shopper.id),
      });
    } catch (thrown) {
      if (!(thrown instanceof DaprError)) throw thrown;
      const outcome = thrown.nothingHappened ? 'not-accepted' : 'not-confirmed';
      telemetry.notPlaced(outcome, purchaseId, thrown);
      return { outcome, purchase };
    }
    telemetry.accepted(purchase);
    return { outcome: 'accepted', purchase };
  };
}
