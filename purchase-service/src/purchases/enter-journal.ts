import { shopperKey, type Purchase } from '@unity-purchase/contracts';
import type { ShopperIndex } from '../shoppers/shopper-index.js';
import type { JournalPlace } from './journal-place.js';
import type { PurchaseJournal } from './purchase-journal.js';

type Dependencies = {
  journal: Pick<PurchaseJournal, 'append' | 'appendPlaced' | 'has'>;
  index: Pick<ShopperIndex, 'addJournalEntry'>;
};

/** How purchases get into the journal, each at a place that was stored before. */
export type EnterJournal = {
  /** Adds a purchase at the place that its history has, or else at one that the shopper's index gets. @throws LogUnavailableError */
  add: (purchase: Purchase, place: JournalPlace | undefined) => Promise<void>;
  /** Like `add`, unless the journal already has the purchase at the place that its history has. */
  addIfMissing: (purchase: Purchase, place: JournalPlace | undefined) => Promise<void>;
};

export function createEnterJournal({ journal, index }: Dependencies): EnterJournal {
  const add: EnterJournal['add'] = async (purchase, place) => {
    if (place !== undefined && (await journal.append(purchase, place)) !== 'beyond') return;
    const key = shopperKey(purchase.shopper.id);
    await journal.appendPlaced(purchase, (other) => index.addJournalEntry(key, purchase.purchaseId, other));
  };
  return {
    add,
    addIfMissing: async (purchase, place) => {
      if (place === undefined || !(await journal.has(purchase, place))) await add(purchase, place);
    },
  };
}
