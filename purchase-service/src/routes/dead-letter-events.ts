import { toError, type TakeDelivery } from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { DeadLetterTelemetry } from '../dead-letters/dead-letter-telemetry.js';
import type { RecordOrKeep } from '../dead-letters/record-or-keep.js';

/** How the sidecar delivers an event of a subscription with `rawPayload`: wrapped and base64-encoded. */
const wrapped = z.looseObject({ data_base64: z.base64() });

type Dependencies = { recordOrKeep: RecordOrKeep; telemetry: Pick<DeadLetterTelemetry, 'unavailable'> };

/** Records or keeps delivered dead letters. It never drops one, because nothing comes after the dead-letter topic. */
export function takeDeadLetter({ recordOrKeep, telemetry }: Dependencies): TakeDelivery {
  return async (delivery, signal) => {
    try {
      if ('unreadable' in delivery) throw new Error(delivery.unreadable);
      await recordOrKeep(bytesOf(delivery.event), signal);
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
