import type { HealthCheck } from '@unity-purchase/service-kit';
import type { PlacePurchase } from './place-purchase.js';

/**
 * How long a purchase that was not acknowledged says something about the broker. It is shorter than the alert waits, so one failure
 * raises none.
 */
const failureCountsMs = 2 * 60_000;

/** Places purchases, and reports whether the broker acknowledged the most recent one. */
export type WatchedBroker = { placePurchase: PlacePurchase; check: HealthCheck };

/**
 * Watches the outcomes of placing purchases. The sidecar works while its broker is unavailable or has no room, so only a purchase shows
 * whether one can be placed. The check fails from a purchase that was not acknowledged until the next acknowledged one, or
 * until two minutes passed without a purchase.
 */
export function watchBroker(placePurchase: PlacePurchase, now: () => Date): WatchedBroker {
  let failedAtMs = -Infinity;
  return {
    placePurchase: async (purchase, digest) => {
      const placement = await placePurchase(purchase, digest);
      failedAtMs = placement === 'accepted' ? -Infinity : now().getTime();
      return placement;
    },
    check: {
      name: 'broker',
      check: () =>
        now().getTime() - failedAtMs > failureCountsMs
          ? Promise.resolve()
          : Promise.reject(new Error('the broker did not acknowledge the most recent purchase')),
    },
  };
}
