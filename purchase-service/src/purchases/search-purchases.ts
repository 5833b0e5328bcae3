import {
  type HistoryPage,
  type JournalEntry,
  type JournalPage,
  type JournalQuery,
  type RecordedPurchase,
  type Totals,
} from '@unity-purchase/contracts';
import { invalidCursor } from '@unity-purchase/numbered-log';
import { AppError } from '@unity-purchase/service-kit';
import type { Period } from './calendar-month.js';

type Parts = {
  history: {
    page: (
      shopper: string,
      limit: number,
      cursor: string | undefined,
      period?: Period,
    ) => Promise<HistoryPage>;
    find: (shopper: string, purchaseId: string) => Promise<RecordedPurchase | undefined>;
  };
  journal: {
    page: (limit: number, cursor: string | undefined, beforeMs?: number) => Promise<JournalPage>;
    find: (
      purchaseId: string,
    ) => Promise<{ found: JournalEntry | undefined; isWhole: boolean; totals: Totals }>;
  };
};

/**
 * A page of the purchases that fit a query, whose shopper is named by the key. What a shopper bought comes from the history,
 * with its totals and its cursors; everything else from the journal.
 *
 * @throws AppError 400 for a cursor that no page of this list gave; and where a purchase is looked for by its id alone, and
 * so much was recorded at that time that it was not found among it
 */
export type SearchPurchases = (query: JournalQuery) => Promise<JournalPage>;

export function createSearchPurchases({ history, journal }: Parts): SearchPurchases {
  const one = async (purchaseId: string, shopper: string | undefined): Promise<JournalPage> => {
    if (shopper !== undefined) {
      const [found, { totals }] = await Promise.all([
        history.find(shopper, purchaseId),
        history.page(shopper, 1, undefined),
      ]);
      return { purchases: found === undefined ? [] : [journalEntry(found)], totals };
    }
    const { found, isWhole, totals } = await journal.find(purchaseId);
    if (found === undefined && !isWhole) throw shopperWanted();
    return { purchases: found === undefined ? [] : [found], totals };
  };
  return async ({ limit, cursor, shopper, purchaseId, before }) => {
    const beforeMs = before === undefined ? undefined : Date.parse(before);
    if (purchaseId !== undefined) {
      if (cursor !== undefined) throw invalidCursor();
      const { purchases, totals } = await one(purchaseId, shopper);
      const isInTime = ({ recordedAt }: JournalEntry) =>
        beforeMs === undefined || Date.parse(recordedAt) < beforeMs;
      return { purchases: purchases.filter(isInTime), totals };
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
  return { shopperId: shopper.id, purchaseId, total, recordedAt };
}

function shopperWanted(): AppError {
  return new AppError('shopper-wanted', {
    problems: [{ path: 'shopper', message: 'must name the shopper of the purchase' }],
  });
}
