import { eventRoutes, purchasePlacedSchema } from '@unity-purchase/contracts';
import { toAppError, toError } from '@unity-purchase/service-kit';
import { json, Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import type { z } from 'zod';
import type { PurchaseTelemetry } from '../purchases/purchase-telemetry.js';
import type { RecordPurchase } from '../purchases/record-purchase.js';

/** What a subscriber may answer to Dapr; a 404 would be a DROP, and any other status a RETRY. */
type DeliveryOutcome = 'SUCCESS' | 'RETRY' | 'DROP';

/** Far above the largest event that its schema allows: what is larger is no event. */
const eventBytesMax = 1024 * 1024;

/**
 * Where Dapr delivers events. Not through the SDK's server: that acknowledges handlers that throw, hides the envelope and
 * breaks routes of more than one segment.
 */
export function eventsRouter(recordPurchase: RecordPurchase, telemetry: PurchaseTelemetry): Router {
  const router = Router();
  router.post(eventRoutes.purchases, parseEvent, async (request, response) => {
    const answer = (status: DeliveryOutcome) => response.json({ status });
    const event = purchasePlacedSchema.safeParse(request.body);
    if (!event.success) {
      telemetry.invalid(reasonsOf(event.error));
      answer('DROP');
      return;
    }
    try {
      const outcome = await recordPurchase(event.data.data);
      answer(outcome === 'contradicted' ? 'DROP' : 'SUCCESS');
    } catch (thrown) {
      telemetry.unavailable(toError(thrown));
      answer('RETRY');
    }
  });
  router.use(dropUnreadable(telemetry));
  return router;
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

const parseEvent: RequestHandler = json({
  type: ['application/cloudevents+json', 'application/json'],
  limit: eventBytesMax,
});

/** A body that cannot be read will not become readable. One that did not arrive whole may come again. */
function dropUnreadable(telemetry: PurchaseTelemetry): ErrorRequestHandler {
  return function answerUnreadableEvent(thrown: unknown, _request, response, _next) {
    const error = toAppError(thrown);
    const comesAgain = error.code === 'request-aborted' || error.status >= 500;
    if (comesAgain) telemetry.unavailable(error);
    else telemetry.invalid([error.message]);
    response.json({ status: (comesAgain ? 'RETRY' : 'DROP') satisfies DeliveryOutcome });
  };
}
