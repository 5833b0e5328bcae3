import { replayOfAttribute } from '@unity-purchase/contracts';
import { toError, type TakeDelivery } from '@unity-purchase/service-kit';
import type { PurchaseTelemetry } from '../purchases/purchase-telemetry.js';
import { readEvent } from '../purchases/read-event.js';
import type { RecordPurchase } from '../purchases/record-purchase.js';

/**
 * Records the purchase of a delivered event. An invalid event is dropped, and becomes a dead letter. An event in conflict is
 * only counted: a client used one id for two orders, which no operator can resolve. A replay in conflict is dropped, so that
 * its dead letter waits for a decision again.
 */
export function takePurchaseEvent(
  recordPurchase: RecordPurchase,
  telemetry: PurchaseTelemetry,
): TakeDelivery {
  return async (delivery) => {
    const read = 'unreadable' in delivery ? { problems: [delivery.unreadable] } : readEvent(delivery.event);
    if ('problems' in read) {
      telemetry.invalid(read.problems);
      return 'DROP';
    }
    try {
      const outcome = await recordPurchase(read.event);
      return outcome === 'conflict' && replayOfAttribute in read.event ? 'DROP' : 'SUCCESS';
    } catch (thrown) {
      telemetry.unavailable(toError(thrown));
      return 'RETRY';
    }
  };
}
