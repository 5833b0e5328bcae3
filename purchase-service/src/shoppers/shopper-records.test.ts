import { expect, test } from '@jest/globals';
import { shopperKey, type Purchase } from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { createLogger } from '@unity-purchase/service-kit';
import { aPurchase } from '../../test/fakes/purchases.js';
import { createEnterJournal } from '../purchases/enter-journal.js';
import { PurchaseHistory, type PlacedPurchase } from '../purchases/purchase-history.js';
import { PurchaseJournal } from '../purchases/purchase-journal.js';
import { Erasures } from './erasures.js';
import { ShopperIndex } from './shopper-index.js';
import { ShopperRecords } from './shopper-records.js';

const startMs = Date.UTC(2026, 0, 1);
const ada = shopperKey('ada');

/** What the next erasure of a history does before it erases purchases, or after all of them. */
type Meanwhile = {
  beforeErasing?: () => Promise<void>;
  afterErasing?: () => Promise<void>;
};

function setUp() {
  const clock = { ms: startMs };
  const now = () => new Date(clock.ms);
  const store = new MemoryLogStore();
  const history = new PurchaseHistory(store, now);
  const journal = new PurchaseJournal(store, now, 'replica-1');
  const index = new ShopperIndex(store, now);
  const meanwhile: Meanwhile = {};
  const records = new ShopperRecords({
    history: {
      ofShopper: (shopper) => history.ofShopper(shopper),
      findPlaced: (shopper, purchaseId) => history.findPlaced(shopper, purchaseId),
      sinceErasure: (shopper) => history.sinceErasure(shopper),
      erase: async (shopper, erasing) => {
        const count = await history.erase(shopper, async (purchases: PlacedPurchase[]) => {
          await meanwhile.beforeErasing?.();
          await erasing?.(purchases);
        });
        await meanwhile.afterErasing?.();
        return count;
      },
    },
    journal,
    enterJournal: createEnterJournal({ journal, index }),
    deadLetters: {
      ofShopper: async function* () {},
      unplaced: async function* () {},
      erase: () => Promise.resolve(0),
      eraseUnplaced: () => Promise.resolve(0),
    },
    erasures: new Erasures(store),
    index,
    logger: createLogger('test', { level: 'error', format: 'json' }),
    now,
  });
  /** Records a purchase as a replica does that has just started. */
  const record = async (purchase: Purchase, replica = 'replica-1') => {
    const own = replica === 'replica-1' ? journal : new PurchaseJournal(store, now, replica);
    const place = await own.place();
    expect(await new PurchaseHistory(store, now).append(purchase, undefined, place)).toBe('recorded');
    await own.append(purchase, place);
  };
  return { clock, store, journal, records, record, meanwhile };
}

test('an erasure keeps a purchase in the journal that was bought and recorded while it ran', async () => {
  const { clock, journal, records, record, meanwhile } = setUp();
  await record(aPurchase({ placedMs: startMs }));
  const bought = aPurchase({ placedMs: startMs + 60_000 });
  meanwhile.afterErasing = () => {
    clock.ms += 60_000;
    return record(bought);
  };
  await records.erase(ada);
  const { purchases } = await journal.page(10, undefined);
  expect(purchases.map(({ purchaseId }) => purchaseId)).toEqual([bought.purchaseId]);
});

test('an erasure erases the entry of an old purchase that is bought again under its id meanwhile', async () => {
  const { clock, store, records, record, meanwhile } = setUp();
  const old = aPurchase({ placedMs: startMs });
  const entries = () =>
    [...store.values].filter(([key, value]) => key.startsWith('journal:') && value.includes(old.purchaseId));
  await record(old, 'replica-2');
  clock.ms += 2 * 60 * 60_000;
  meanwhile.beforeErasing = () => {
    delete meanwhile.beforeErasing;
    return record({ ...old, placedAt: new Date(clock.ms).toISOString() });
  };
  await records.erase(ada);
  expect(entries()).toHaveLength(1);
  clock.ms += 35_000;
  await records.erase(ada);
  expect(entries()).toEqual([]);
});
