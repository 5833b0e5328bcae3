import { purchaseIdAgeMaxMs, purchaseIdTimeMs, type RecordedPurchase } from '@unity-purchase/contracts';
import { AppError, type Logger } from '@unity-purchase/service-kit';
import type { AcceptanceProofs } from './acceptance-proof.js';
import type { NotRecorded, RecordedPurchases } from './recorded-purchases.js';

/**
 * What can truthfully be said of a purchase:
 * - `recorded`: here it is;
 * - `superseded`: the one recorded is an earlier purchase made with the same form; the later one was not made;
 * - `accepted`: the broker has it, and it is not recorded yet. `unsure` if the record could not be asked;
 * - `delayed`: it could not be recorded so far, and operators know of it; it must not be bought again;
 * - `discarded`: operators decided that it will not be recorded;
 * - `unknown`: nothing is known of it; if it was only just sent it may still turn up.
 */
export type PurchaseStatus =
  | { state: 'recorded' | 'superseded'; recorded: RecordedPurchase }
  | { state: 'accepted'; unsure: boolean }
  | { state: 'delayed' | 'discarded' | 'unknown' };

/** @throws AppError 503 if the record cannot be asked and nothing else is known; 404 for an id too old to turn up */
export type ReadPurchaseStatus = (
  shopperId: string,
  purchaseId: string,
  proof: unknown,
) => Promise<PurchaseStatus>;

export function createReadPurchaseStatus(parts: {
  recordedPurchases: RecordedPurchases;
  proofs: AcceptanceProofs;
  logger: Logger;
  now: () => Date;
}): ReadPurchaseStatus {
  return async (shopperId, purchaseId, proof) => {
    const acceptance = parts.proofs.read(proof, shopperId, purchaseId);
    let found: RecordedPurchase | NotRecorded;
    try {
      found = await parts.recordedPurchases.find(shopperId, purchaseId);
    } catch (thrown) {
      if (acceptance === undefined || !(thrown instanceof AppError)) throw thrown;
      parts.logger.warn(
        { purchaseId, err: thrown.cause },
        'a record cannot be asked for; what is accepted is shown',
      );
      return { state: 'accepted', unsure: true };
    }
    if ('purchase' in found) {
      const isThis = acceptance?.isFor(found.purchase) ?? true;
      return { state: isThis ? 'recorded' : 'superseded', recorded: found };
    }
    if (found.notRecorded !== 'unknown') return { state: found.notRecorded };
    if (acceptance !== undefined) return { state: 'accepted', unsure: false };
    if (purchaseIdTimeMs(purchaseId) < parts.now().getTime() - purchaseIdAgeMaxMs)
      throw new AppError('purchase-not-found');
    return { state: 'unknown' };
  };
}
