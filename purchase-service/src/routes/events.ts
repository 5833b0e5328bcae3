import { purchasePlacedSchema } from '@unity-purchase/contracts';
import { toError, type TakeDelivery } from '@unity-purchase/service-kit';
import type { z } from 'zod';
import type { PurchaseTelemetry } from '../purchases/purchase-telemetry.js';
import type { RecordPurchase } from '../purchases/record-purchase.js';

/** Records the purchase of a delivered event; what is no valid event, or contradicts a record, goes to the dead letters. */
export function takePurchaseEvent(
  recordPurchase: RecordPurchase,
  telemetry: PurchaseTelemetry,
): TakeDelivery {
  return async (delivery) => {
    if ('unreadable' in delivery) {
      telemetry.invalid([delivery.unreadable]);
      return 'DROP';
    }
    const event = purchasePlacedSchema.safeParse(delivery.event);
    if (!event.success) {
      telemetry.invalid(reasonsOf(event.error));
      return 'DROP';
    }
    try {
      const outcome = await recordPurchase(event.data.data);
      return outcome === 'contradicted' ? 'DROP' : 'SUCCESS';
    } catch (thrown) {
      telemetry.unavailable(toError(thrown));
      return 'RETRY';
    }
  };
}

/** Enough to know what is wrong with an event; a sender must not be able to fill the log. */
const reasonsMax = 10;

/** Why an event is not valid: places and rules, never what stands there. Unknown keys are a sender's text: counted. */
function reasonsOf(error: z.ZodError): string[] {
  return error.issues
    .slice(0, reasonsMax)
    .map((issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.path.join('.')} has ${issue.keys.length} unknown keys`
        : `${issue.path.join('.')} ${issue.message}`,
    );
}
