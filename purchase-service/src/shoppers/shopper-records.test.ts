import { expect, test } from '@jest/globals';
import { shopperKey } from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { createLogger } from '@unity-purchase/service-kit';
import { aPurchase } from '../../test/fakes/purchases.js';
import { PurchaseHistory } from '../purchases/purchase-history.js';
import { PurchaseJournal } from '../purchases/purchase-journal.js';
import { Erasures } from './erasures.js';
import { ShopperRecords } from './shopper-records.js';

const startMs = Date.UTC(2026, 0, 1);
const ada = shopperKey('ada');

test('an erasure keeps a purchase in the journal that was bought and recorded while it ran', async () => {
  const clock = { ms: startMs };
  const now = () => new Date(clock.ms);
  const store = new MemoryLogStore();
  const history = new PurchaseHistory(store, now);
  const journal = new PurchaseJournal(store, now, 'replica-1');
  const [before, meanwhile] = [startMs, startMs + 60_000].map((placedMs) => aPurchase({ placedMs })) as [
    ReturnType<typeof aPurchase>,
    ReturnType<typeof aPurchase>,
  ];
  const record = async (purchase: typeof before) => {
    await history.append(purchase);
    await journal.append(purchase);
  };
  await record(before);
  const records = new ShopperRecords({
    history: {
      ofShopper: (shopper) => history.ofShopper(shopper),
      erase: async (shopper) => {
        const count = await history.erase(shopper);
        clock.ms += 60_000;
        await record(meanwhile);
        return count;
      },
    },
    journal,
    deadLetters: { ofShopper: async function* () {}, erase: () => Promise.resolve(0) },
    erasures: new Erasures(store),
    logger: createLogger('test', { level: 'error', format: 'json' }),
    now,
  });
  await records.erase(ada);
  const { purchases } = await journal.page(10, undefined);
  expect(purchases.map(({ purchaseId }) => purchaseId)).toEqual([meanwhile.purchaseId]);
});
