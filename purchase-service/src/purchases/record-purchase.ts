import { orderDigestAttribute, shopperKey, type PurchasePlaced } from '@unity-purchase/contracts';
import { DamagedLogError, LogUnavailableError, type AppendOutcome } from '@unity-purchase/numbered-log';
import type { Erasures } from '../shoppers/erasures.js';
import { attributesToKeep } from './event-attributes.js';
import type { EnterJournal } from './enter-journal.js';
import { throwAboutHistory } from './damaged-history-error.js';
import type { PurchaseHistory } from './purchase-history.js';
import type { PurchaseJournal } from './purchase-journal.js';
import type { PurchaseTelemetry } from './purchase-telemetry.js';

type Dependencies = {
  history: Pick<PurchaseHistory, 'append' | 'findPlaced' | 'findWithEvent'>;
  journal: Pick<PurchaseJournal, 'place'>;
  enterJournal: EnterJournal;
  erasures: Pick<Erasures, 'check'>;
  telemetry: PurchaseTelemetry;
  now: () => Date;
};

/**
 * Records the purchase of an event once, however often the event is delivered: in the shopper's history, with the event's
 * other attributes, and in the journal. It returns when both have the purchase. The first order under a purchase id decides:
 * the same order at another price is a duplicate, another order is a conflict. A purchase that was certainly placed
 * before its shopper was erased is not recorded; if the clocks leave that in doubt, it is recorded.
 *
 * @throws LogUnavailableError if the history or the journal could not be written; repeating it is safe
 * @throws DamagedHistoryError if the shopper's history is damaged; repeating it is useless until it is repaired
 */
export type RecordPurchase = (event: PurchasePlaced) => Promise<AppendOutcome>;

export function createRecordPurchase(dependencies: Dependencies): RecordPurchase {
  const { history, journal, enterJournal, erasures, telemetry, now } = dependencies;

  /**
   * Writes the journal after the history, so that the journal never contains a purchase that the history refused. A duplicate is
   * completed: the delivery before it may have ended between the two writes. The journal then gets what the history has.
   *
   * The history also gets the place in the journal, so that the entries of a shopper are found by their history.
   */
  const append: RecordPurchase = async (event) => {
    const { data: purchase } = event;
    const place = await journal.place().catch((thrown: unknown) => {
      // A damaged journal must not keep purchases out of the histories. The index gets the place when it is known.
      if (thrown instanceof Error && thrown.cause instanceof DamagedLogError) return undefined;
      throw thrown;
    });
    const outcome = await history.append(purchase, attributesToKeep(event), place).catch(throwAboutHistory);
    if (outcome === 'recorded') await enterJournal.add(purchase, place);
    if (outcome === 'duplicate') {
      const key = shopperKey(purchase.shopper.id);
      const recorded = await history.findPlaced(key, purchase.purchaseId).catch(throwAboutHistory);
      // The duplicate was known from memory that is older than an erasure by another replica. Only the stored erasure proves
      // that: a purchase that is not found may also mean that the store fails, and then the journal would miss it.
      const verdict = await erasures.check(key, purchase.placedAt);
      if (verdict === 'erased' || (verdict === 'in-doubt' && recorded === undefined)) return 'erased';
      if (recorded === undefined) throw new LogUnavailableError('a recorded purchase was not found');
      await enterJournal.addIfMissing(recorded.purchase, recorded.journal);
    }
    return outcome;
  };

  /** Whether the recorded purchase is the same order: the client sent it again after prices had changed. */
  const isSameOrder = async ({ data, [orderDigestAttribute]: digest }: PurchasePlaced) => {
    if (digest === undefined) return false;
    const recorded = await history.findWithEvent(shopperKey(data.shopper.id), data.purchaseId);
    return recorded?.event?.[orderDigestAttribute] === digest;
  };

  return async (event) => {
    const { data: purchase } = event;
    const appended = await append(event);
    const outcome = appended === 'conflict' && (await isSameOrder(event)) ? 'duplicate' : appended;
    switch (outcome) {
      case 'recorded':
        telemetry.recorded(now().getTime() - Date.parse(purchase.placedAt));
        break;
      case 'duplicate':
        telemetry.duplicate();
        break;
      case 'conflict':
        telemetry.conflict(purchase.purchaseId);
        break;
      case 'erased':
        telemetry.erased();
        break;
    }
    return outcome;
  };
}
