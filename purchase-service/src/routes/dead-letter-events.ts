import { toError, type TakeDelivery } from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { DeadLetterTelemetry } from '../dead-letters/dead-letter-telemetry.js';

/** How the sidecar hands over what it was told to take as it is: wrapped, with `rawPayload` in the subscription. */
const wrapped = z.looseObject({ data_base64: z.base64() });

type Parts = { keep: (bytes: Buffer) => Promise<void>; telemetry: DeadLetterTelemetry };

/** Keeps dead letters. Nothing is dropped here: behind the dead letters there is no further place to go. */
export function takeDeadLetter({ keep, telemetry }: Parts): TakeDelivery {
  return async (delivery) => {
    try {
      if ('unreadable' in delivery) throw new Error(delivery.unreadable);
      await keep(bytesOf(delivery.event));
      return 'SUCCESS';
    } catch (thrown) {
      telemetry.unavailable(toError(thrown));
      return 'RETRY';
    }
  };
}

function bytesOf(event: unknown): Buffer {
  const raw = wrapped.safeParse(event);
  return raw.success ? Buffer.from(raw.data.data_base64, 'base64') : Buffer.from(JSON.stringify(event));
}
