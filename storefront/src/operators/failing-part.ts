import { DaprError } from '@unity-purchase/service-kit';
import { FailedAnswerError } from '../purchases/purchase-service-client.js';

/** The parts that can keep the desk from an answer of the purchase-service. */
export type FailingPart = 'storefrontSidecar' | 'broker' | 'purchaseService' | 'stateStore';

/** The parts of which the purchase-service itself says that they fail. */
const partByCode: Readonly<Record<string, FailingPart>> = {
  'store-unavailable': 'stateStore',
  'dead-letter-not-published': 'broker',
};

/** The part because of which the purchase-service could not be asked, or did not answer as it should. */
export function failingPartOf({ cause }: Pick<Error, 'cause'>): FailingPart {
  if (cause instanceof FailedAnswerError) return partByCode[cause.code ?? ''] ?? 'purchaseService';
  // Without a cause there were too many other calls, which says nothing about the sidecar.
  const isUnreachable =
    cause instanceof DaprError && cause.failure === 'not-sent' && cause.cause !== undefined;
  return isUnreachable ? 'storefrontSidecar' : 'purchaseService';
}
