import type { JournalEntry, JournalPage, JournalQuery, RecordedPurchase } from '@unity-purchase/contracts';
import { InvalidCursorError } from '@unity-purchase/numbered-log';
import { AppError } from '@unity-purchase/service-kit';
import type { PurchaseHistory } from './purchase-history.js';
import type { PurchaseJournal } from './purchase-journal.js';

type Dependencies = {
  history: Pick<PurchaseHistory, 'page' | 'find'>;
  journal: Pick<PurchaseJournal, 'page' | 'find'>;
};

/**
 * A page of the purchases that match a query, in which the shopper is identified by the key. One shopper's purchases come
 * from their history, with its totals and cursors; all others come from the journal.
 *
 * @throws InvalidCursorError if the cursor does not come from a page of this list
 * @throws AppError `shopper-wanted` if a purchase is searched by its id alone and too much was recorded since that time
 */
export type SearchPurchases = (query: JournalQuery, signal?: AbortSignal) => Promise<JournalPage>;

export function createSearchPurchases({ history, journal }: Dependencies): SearchPurchases {
  const findOne = async (
    purchaseId: string,
    shopper: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<JournalPage> => {
    if (shopper !== undefined) {
      const [found, { totals }] = await Promise.all([
        history.find(shopper, purchaseId, signal),
        history.page(shopper, 1, undefined),
      ]);
      return { purchases: found === undefined ? [] : [journalEntry(found)], totals };
    }
    const { found, isComplete, totals } = await journal.find(purchaseId, signal);
    if (found === undefined && !isComplete) throw shopperWanted();
    return { purchases: found === undefined ? [] : [found], totals };
  };
  return async ({ limit, cursor, shopper, purchaseId, before }, signal) => {
    const beforeMs = before === undefined ? undefined : Date.parse(before);
    if (purchaseId !== undefined) {
      if (cursor !== undefined) throw new InvalidCursorError('a search for one purchase has no pages');
      const { purchases, totals } = await findOne(purchaseId, shopper, signal);
      const isBefore = ({ recordedAt }: JournalEntry) =>
        beforeMs === undefined || Date.parse(recordedAt) < beforeMs;
      return { purchases: purchases.filter(isBefore), totals };
    }
    if (shopper === undefined) return journal.page(limit, cursor, beforeMs);
    const period = beforeMs === undefined ? undefined : { fromMs: -Infinity, toMs: beforeMs };
    const { purchases, totals, next } = await history.page(shopper, limit, cursor, period);
    return {
      purchases: purchases.map(journalEntry),
      totals,
      ...(next === undefined ? {} : { next }),
    };
  };
}

function journalEntry({ purchase, recordedAt }: RecordedPurchase): JournalEntry {
  const { shopper, purchaseId, total } = purchase;
  return { shopperId: shopper.id, shopperName: shopper.name, purchaseId, total, recordedAt };
}

function shopperWanted(): AppError {
  return new AppError('shopper-wanted', {
    problems: [{ path: 'shopper', message: 'must name the shopper of the purchase' }],
  });
}
