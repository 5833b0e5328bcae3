import { expect, test } from '@jest/globals';
import { shopperKey } from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { createLogger } from '@unity-purchase/service-kit';
import { aPurchase } from '../../test/fakes/purchases.js';
import { createEnterJournal } from '../purchases/enter-journal.js';
import { PurchaseHistory } from '../purchases/purchase-history.js';
import { PurchaseJournal } from '../purchases/purchase-journal.js';
import { Erasures } from './erasures.js';
import { ShopperIndex } from './shopper-index.js';
import { ShopperRecords } from './shopper-records.js';

const startMs = Date.UTC(2026, 0, 1);
const ada = shopperKey('ada');

test('an erasure keeps a purchase in the journal that was bought and recorded while it ran', async () => {
  const clock = { ms: startMs };
  const now = () => new Date(clock.ms);
  const store = new MemoryLogStore();
  const history = new PurchaseHistory(store, now);
  const journal = new PurchaseJournal(store, now, 'replica-1');
  const index = new ShopperIndex(store, now);
  const [before, meanwhile] = [startMs, startMs + 60_000].map((placedMs) => aPurchase({ placedMs })) as [
    ReturnType<typeof aPurchase>,
    ReturnType<typeof aPurchase>,
  ];
  const record = async (purchase: typeof before) => {
    const place = await journal.place();
    await history.append(purchase, undefined, place);
    await journal.append(purchase, place);
  };
  await record(before);
  const records = new ShopperRecords({
    history: {
      ofShopper: (shopper) => history.ofShopper(shopper),
      sinceErasure: (shopper) => history.sinceErasure(shopper),
      erase: async (shopper, erasing) => {
        const count = await history.erase(shopper, erasing);
        clock.ms += 60_000;
        await record(meanwhile);
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
  await records.erase(ada);
  const { purchases } = await journal.page(10, undefined);
  expect(purchases.map(({ purchaseId }) => purchaseId)).toEqual([meanwhile.purchaseId]);
});
