import { purchaseIdAgeMaxMs, purchaseIdTimeMs, type RecordedPurchase } from '@unity-purchase/contracts';
import { AppError, type Logger } from '@unity-purchase/service-kit';
import type { AcceptanceProofs } from './acceptance-proof.js';
import type { NotRecorded, RecordedPurchases } from './recorded-purchases.js';

/**
 * What is known about a purchase:
 * - `recorded`: it is in the shopper's history;
 * - `superseded`: an earlier order with the same purchase id is recorded instead, and this one was not bought;
 * - `accepted`: the broker acknowledged it, and it is not recorded yet. `unsure` if the history could not be read;
 * - `delayed`: it could not be recorded so far. Its event is a dead letter, and it must not be bought again;
 * - `discarded`: an operator decided that it will not be recorded;
 * - `unknown`: there is no sign of it. If it was sent just now, it may still be recorded.
 */
export type PurchaseStatus =
  | { state: 'recorded' | 'superseded'; recorded: RecordedPurchase }
  | { state: 'accepted'; unsure: boolean }
  | { state: 'delayed' | 'discarded' | 'unknown' };

/** @throws AppError 503 if the history cannot be read and nothing else is known; 404 if the id is too old to be recorded still */
export type ReadPurchaseStatus = (
  shopperId: string,
  purchaseId: string,
  proof: unknown,
) => Promise<PurchaseStatus>;

export function createReadPurchaseStatus({
  recordedPurchases,
  proofs,
  logger,
  now,
}: {
  recordedPurchases: Pick<RecordedPurchases, 'find'>;
  proofs: Pick<AcceptanceProofs, 'read'>;
  logger: Logger;
  now: () => Date;
}): ReadPurchaseStatus {
  return async (shopperId, purchaseId, proof) => {
    const acceptance = proofs.read(proof, shopperId, purchaseId);
    let found: RecordedPurchase | NotRecorded;
    try {
      found = await recordedPurchases.find(shopperId, purchaseId);
    } catch (thrown) {
      if (acceptance === undefined || !(thrown instanceof AppError)) throw thrown;
      logger.warn(
        { purchaseId, err: thrown.cause },
        'the history cannot be read, so the purchase is shown as accepted',
      );
      return { state: 'accepted', unsure: true };
    }
    if ('purchase' in found) {
      const isThis = acceptance?.isFor(found.purchase) ?? true;
      return { state: isThis ? 'recorded' : 'superseded', recorded: found };
    }
    if (found.notRecorded !== 'unknown') return { state: found.notRecorded };
    if (acceptance !== undefined) return { state: 'accepted', unsure: false };
    if (purchaseIdTimeMs(purchaseId) < now().getTime() - purchaseIdAgeMaxMs)
      throw new AppError('purchase-not-found');
    return { state: 'unknown' };
  };
}
