import {
  shopperKey,
  type JournalEntry,
  type PurchaseSearch,
  type PurchaseSearchResult,
} from '@unity-purchase/contracts';
import { nameMatcher } from './match-name.js';
import type { PurchaseHistory } from './purchase-history.js';
import type { PurchaseJournal } from './purchase-journal.js';

type Dependencies = {
  journal: Pick<PurchaseJournal, 'newestFirst' | 'findByStart'>;
  history: Pick<PurchaseHistory, 'page'>;
  now: () => Date;
};

/** One search by name looks at this many purchases, and for this long: the desk waits three seconds. */
const searchedMax = 5_000;
const searchedForMs = 1_500;

/** It ends when it has found this many shoppers, or shortly after. A search by number finds as many purchases. */
const foundMax = 20;

/** Journal entries of version 0.1.0 have no name: it is read from the history. A search ends shortly after it has read this many. */
const namesReadMax = 100;

/**
 * Finds purchases of all shoppers by the name of the shopper or by the start of their number: see `purchaseSearchResultSchema`. There is
 * no index of names. A search by name looks at the newest purchases, and its cursor leads to the older ones.
 *
 * Aborting the signal cancels it. @throws InvalidCursorError if the cursor does not come from a search by name
 */
export type FindPurchases = (search: PurchaseSearch, signal?: AbortSignal) => Promise<PurchaseSearchResult>;

export function createFindPurchases({ journal, history, now }: Dependencies): FindPurchases {
  /** Reads the names that entries lack. Shoppers whose purchases were erased have none. */
  const readNames = async (names: Map<string, string>, purchases: readonly JournalEntry[]) => {
    const nameless = purchases.filter(
      ({ shopperId, shopperName }) => shopperName === undefined && !names.has(shopperId),
    );
    await Promise.all(
      [...new Set(nameless.map(({ shopperId }) => shopperId))].map(async (shopperId) => {
        const newest = await history.page(shopperKey(shopperId), 1, undefined);
        names.set(shopperId, newest.purchases[0]?.purchase.shopper.name ?? '');
      }),
    );
  };

  const byName = async (name: string, cursor: string | undefined, signal: AbortSignal | undefined) => {
    const matches = nameMatcher(name);
    const found = new Map<string, JournalEntry>();
    const names = new Map<string, string>();
    const searched: NonNullable<PurchaseSearchResult['searched']> = { count: 0 };
    const endMs = now().getTime() + searchedForMs;
    for await (const { purchases, next } of journal.newestFirst(cursor, signal)) {
      await readNames(names, purchases);
      for (const purchase of purchases) {
        const { shopperId, shopperName = names.get(shopperId) ?? '' } = purchase;
        if (matches(shopperName) && !found.has(shopperId)) found.set(shopperId, { ...purchase, shopperName });
      }
      searched.count += purchases.length;
      searched.backTo = purchases.at(-1)?.recordedAt ?? searched.backTo;
      const isEnough = found.size >= foundMax || names.size >= namesReadMax || searched.count >= searchedMax;
      const result = { purchases: [...found.values()], isComplete: next === undefined, searched };
      if (next === undefined) return result;
      if (isEnough || now().getTime() >= endMs) return { ...result, next };
    }
    return { purchases: [...found.values()], isComplete: true, searched };
  };

  return async (search, signal) => {
    if ('name' in search) return byName(search.name, search.cursor, signal);
    const { found, isComplete } = await journal.findByStart(search.numberStart, foundMax, signal);
    return { purchases: found, isComplete };
  };
}
