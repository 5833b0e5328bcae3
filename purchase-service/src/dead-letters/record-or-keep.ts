import { replayOfAttribute, shopperKey } from '@unity-purchase/contracts';
import { DamagedHistoryError } from '../purchases/damaged-history-error.js';
import type { RecordPurchase } from '../purchases/record-purchase.js';
import { readContent } from './dead-letter-content.js';
import type { DeadLetterTelemetry } from './dead-letter-telemetry.js';
import type { DeadLetters } from './dead-letters.js';

/** How often an event is recorded at most while the store answers in between. */
const attemptsMax = 2;

type Dependencies = {
  recordPurchase: RecordPurchase;
  deadLetters: Pick<DeadLetters, 'keep' | 'stateOf'>;
  /** Rejects while the store is unavailable for everyone. */
  probeStore: () => Promise<unknown>;
  telemetry: Pick<DeadLetterTelemetry, 'recorded'>;
};

/**
 * Takes what Dapr has moved to the dead letters. A valid event is there because it could not be recorded for a long time: mostly
 * because the store was unavailable. So it is recorded now, without an operator. It becomes a dead letter only if the store
 * works and the event still cannot be recorded, or if it is not valid. So does a replay in conflict with the record, and an event that
 * an operator has discarded before. Any other event in conflict is only counted.
 *
 * Aborting the signal cancels it before the event is recorded.
 *
 * @throws the store's error while the store is unavailable: the dead letter must be delivered again
 */
export type RecordOrKeep = (bytes: Buffer, signal?: AbortSignal) => Promise<void>;

export function createRecordOrKeep({
  recordPurchase,
  deadLetters,
  probeStore,
  telemetry,
}: Dependencies): RecordOrKeep {
  const isDone = async (bytes: Buffer, signal: AbortSignal | undefined): Promise<boolean> => {
    const { event } = readContent(bytes);
    if (event === undefined) return false;
    const { purchaseId, shopper } = event.data;
    // The shopper's page says that it will not be recorded. It waits again.
    const state = await deadLetters.stateOf(shopperKey(shopper.id), purchaseId, signal);
    if (state === 'discarded') return false;
    signal?.throwIfAborted();
    const outcome = await recordPurchase(event);
    if (outcome === 'conflict') return !(replayOfAttribute in event);
    telemetry.recorded({ purchaseId, outcome });
    return true;
  };
  return async (bytes, signal) => {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1)
      try {
        if (await isDone(bytes, signal)) return;
        break;
      } catch (thrown) {
        if (thrown instanceof DamagedHistoryError) break;
        signal?.throwIfAborted();
        await probeStore();
        // The store works. It may have come back between the two calls.
      }
    await deadLetters.keep(bytes, signal);
  };
}
