import { components, purchasePlaced, shopperKey, topics, type Purchase } from '@unity-purchase/contracts';
import { DaprError, type Publish } from '@unity-purchase/service-kit';
import type { PlacementTelemetry } from './placement-telemetry.js';

/** The result of placing a purchase: the broker acknowledged it, it was certainly not published, or unknown. */
export type Placement = 'accepted' | 'not-accepted' | 'not-confirmed';

/**
 * Places a purchase: it is accepted if and only if the broker acknowledged its event. `digest` is that of the order that the
 * client sent.
 */
export type PlacePurchase = (purchase: Purchase, digest: string) => Promise<Placement>;

export function createPlacePurchase({
  publish,
  telemetry,
}: {
  publish: Publish;
  telemetry: PlacementTelemetry;
}): PlacePurchase {
  return async (purchase, digest) => {
    try {
      await publish({
        component: components.pubsub,
        topic: topics.purchaseEvents,
        event: purchasePlaced(purchase, digest),
        // Brokers and their tools show the partition key, so it must not contain the shopper's id.
        partitionKey: shopperKey(purchase.shopper.id),
      });
    } catch (thrown) {
      if (!(thrown instanceof DaprError)) throw thrown;
      const outcome = thrown.nothingHappened ? 'not-accepted' : 'not-confirmed';
      telemetry.notPlaced(outcome, purchase.purchaseId, thrown);
      return outcome;
    }
    telemetry.accepted(purchase);
    return 'accepted';
  };
}
