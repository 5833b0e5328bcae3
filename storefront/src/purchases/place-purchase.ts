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

/** What is known about a purchase that was to be placed: the broker has it, it never got it, or nobody can say. */
export type Placement = { outcome: 'accepted' | 'not-accepted' | 'not-confirmed'; purchase: Purchase };

/** A purchase about to be placed, with its prices. */
export type PricedOrder = {
  purchaseId: string;
  shopper: Shopper;
  lines: PurchaseLine[];
  currency: Currency;
};

/** Places a purchase: it is accepted when, and only when, the broker acknowledged its event. */
export type PlacePurchase = (order: PricedOrder) => Promise<Placement>;

export function createPlacePurchase(parts: {
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
      placedAt: parts.now().toISOString(),
    };
    try {
      await parts.publish({
        component: components.pubsub,
        topic: topics.purchaseEvents,
        event: purchasePlaced(purchase),
        // It travels beside the event, where brokers and their tools show it: the key does not tell the shopper.
        partitionKey: shopperKey(shopper.id),
      });
    } catch (thrown) {
      if (!(thrown instanceof DaprError)) throw thrown;
      const outcome = thrown.nothingHappened ? 'not-accepted' : 'not-confirmed';
      parts.telemetry.notPlaced(outcome, purchaseId, thrown);
      return { outcome, purchase };
    }
    parts.telemetry.accepted(purchase);
    return { outcome: 'accepted', purchase };
  };
}
