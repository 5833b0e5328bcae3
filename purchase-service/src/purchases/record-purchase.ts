import type { Purchase } from '@unity-purchase/contracts';
import type { AppendOutcome, Foresight } from '../log/log-writer.js';
import type { PurchaseTelemetry } from './purchase-telemetry.js';

type Parts = {
  history: {
    append: (purchase: Purchase) => Promise<AppendOutcome>;
    foresee: (purchase: Purchase) => Foresight;
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
  /** What contradicts the history must not reach the journal, which would show it in place of the truth. */
  const append: RecordPurchase = async (purchase) => {
    switch (history.foresee(purchase)) {
      case 'contradicted':
        return 'contradicted';
      case 'new':
      case 'repeated':
        return (await Promise.all([history.append(purchase), journal.append(purchase)]))[0];
      case 'unknown': {
        const outcome = await history.append(purchase);
        if (outcome !== 'contradicted') await journal.append(purchase);
        return outcome;
      }
    }
  };
  return async (purchase) => {
    const outcome = await append(purchase);
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
