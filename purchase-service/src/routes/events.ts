import { replayOfAttribute } from '@unity-purchase/contracts';
import { RecentMap, toError, type TakeDelivery } from '@unity-purchase/service-kit';
import { DamagedHistoryError } from '../purchases/damaged-history-error.js';
import type { PurchaseTelemetry } from '../purchases/purchase-telemetry.js';
import { readEvent } from '../purchases/read-event.js';
import type { RecordPurchase } from '../purchases/record-purchase.js';

/** How often an event is tried while its shopper's history is damaged. A store can answer with what is out of date for a moment. */
const damagedTriesMax = 3;

/** How many events of damaged histories are remembered. A forgotten one is tried more often. */
const rememberedMax = 1_000;

/**
 * Records the purchase of a delivered event. An invalid event is dropped, and becomes a dead letter. An event in conflict is
 * only counted: a client used one id for two orders, which no operator can resolve. A replay in conflict is dropped, so that
 * its dead letter waits for a decision again.
 *
 * An event that cannot be recorded because the store fails is delivered again. One whose shopper's history is damaged is dropped after a
 * few deliveries: it must not hold up everyone else's until the sidecar gives up on it.
 */
export function takePurchaseEvent(
  recordPurchase: RecordPurchase,
  telemetry: PurchaseTelemetry,
): TakeDelivery {
  const damagedTries = new RecentMap<string, number>(rememberedMax);
  const isGivenUp = (purchaseId: string): boolean => {
    const tries = (damagedTries.get(purchaseId) ?? 0) + 1;
    if (tries < damagedTriesMax) damagedTries.set(purchaseId, tries);
    else damagedTries.delete(purchaseId);
    return tries >= damagedTriesMax;
  };
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
      const isDamaged = thrown instanceof DamagedHistoryError;
      return isDamaged && isGivenUp(read.event.data.purchaseId) ? 'DROP' : 'RETRY';
    }
  };
}
