import type { Purchase } from '@unity-purchase/contracts';
import type { AppendOutcome } from '../log/log-writer.js';
import type { PurchaseTelemetry } from './purchase-telemetry.js';

type Parts = {
  history: {
    append: (purchase: Purchase) => Promise<AppendOutcome>;
    foresee: (purchase: Purchase) => AppendOutcome | 'unknown';
  };
  journal: { append: (purchase: Purchase) => Promise<AppendOutcome> };
  telemetry: PurchaseTelemetry;
  now: () => Date;
};

/**
 * Records a purchase, once, however often it is delivered: in the shopper's history, which is the truth, and in the
 * journal over all shoppers. It is done only when both are.
 *
 * @throws LogUnavailableError if either could not be written; doing it again is safe.
 */
export type RecordPurchase = (purchase: Purchase) => Promise<AppendOutcome>;

export function createRecordPurchase({ history, journal, telemetry, now }: Parts): RecordPurchase {
  return async (purchase) => {
    // What contradicts the history must not reach the journal. Only two contradicting events in the very same moment
    // can both be unknown here, and then the journal, which is an index, holds one entry that its history does not.
    const outcome =
      history.foresee(purchase) === 'contradicted'
        ? 'contradicted'
        : (await Promise.all([history.append(purchase), journal.append(purchase)]))[0];
    switch (outcome) {
      case 'recorded':
        telemetry.recorded(now().getTime() - Date.parse(purchase.placedAt));
        break;
      case 'repeated':
        telemetry.repeated();
        break;
      case 'contradicted':
        telemetry.contradicted(purchase.purchaseId);
        break;
    }
    return outcome;
  };
}
