import { shopperKey, type Purchase, type PurchasePlaced } from '@unity-purchase/contracts';
import type { AppendOutcome, Foresight } from '@unity-purchase/numbered-log';
import { attributesToKeep, type EventAttributes } from './event-attributes.js';
import type { PurchaseTelemetry } from './purchase-telemetry.js';

type Parts = {
  history: {
    append: (purchase: Purchase, event?: EventAttributes) => Promise<AppendOutcome>;
    foresee: (purchase: Purchase) => Foresight;
  };
  erasures: { cover: (shopper: string, placedAt: string) => Promise<boolean> };
  journal: {
    append: (purchase: Purchase) => Promise<AppendOutcome>;
    retract: (purchase: Purchase, sinceMs: number) => Promise<void>;
  };
  telemetry: PurchaseTelemetry;
  now: () => Date;
};

/**
 * Records the purchase of an event, once, however often it is delivered: in the shopper's history, which is the truth, with
 * what else the event says, and in the journal over all shoppers. It is done only when both are. What was placed before its
 * shopper was erased is recorded nowhere.
 *
 * @throws LogUnavailableError if either could not be written; doing it again is safe.
 */
export type RecordPurchase = (event: PurchasePlaced) => Promise<AppendOutcome>;

export function createRecordPurchase({ history, erasures, journal, telemetry, now }: Parts): RecordPurchase {
  /** What the history does not take must not reach the journal, which would show it in place of the truth. */
  const append: RecordPurchase = async (event) => {
    const { data: purchase } = event;
    switch (history.foresee(purchase)) {
      case 'contradicted':
        return 'contradicted';
      case 'erased':
        return 'erased';
      case 'new': {
        const startedMs = now().getTime();
        const [outcome] = await Promise.all([
          history.append(purchase, attributesToKeep(event)),
          journal.append(purchase),
        ]);
        // Another replica erased the shopper, which this one learned when it wrote.
        if (outcome === 'erased') await journal.retract(purchase, startedMs);
        return outcome;
      }
      case 'repeated':
      case 'unknown': {
        const outcome = await history.append(purchase, attributesToKeep(event));
        // A repeat is known from memory, which may be older than an erasure by another replica. Only a note of one says so:
        // that the purchase is not found may mean that the store fails, and then the journal would miss it.
        if (outcome === 'repeated' && (await isErased(purchase))) return 'erased';
        if (outcome === 'recorded' || outcome === 'repeated') await journal.append(purchase);
        return outcome;
      }
    }
  };
  const isErased = ({ shopper, placedAt }: Purchase) => erasures.cover(shopperKey(shopper.id), placedAt);
  return async (event) => {
    const outcome = await append(event);
    const { data: purchase } = event;
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
      case 'erased':
        telemetry.erased();
        break;
    }
    return outcome;
  };
}
