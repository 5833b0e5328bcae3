import { describe, expect, test } from '@jest/globals';
import { purchasePlaced, type JournalEntry, type Purchase } from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { createLogger } from '@unity-purchase/service-kit';
import { Registry } from 'prom-client';
import { aPurchase } from '../../test/fakes/purchases.js';
import { Erasures } from '../shoppers/erasures.js';
import { ShopperIndex } from '../shoppers/shopper-index.js';
import { createEnterJournal } from './enter-journal.js';
import { PurchaseHistory } from './purchase-history.js';
import { PurchaseJournal } from './purchase-journal.js';
import { purchaseTelemetry } from './purchase-telemetry.js';
import { createRecordPurchase } from './record-purchase.js';

function setUp() {
  const store = new MemoryLogStore();
  const nowMs = Date.UTC(2026, 0, 1);
  const now = () => new Date(nowMs);
  const open = (instance: string) => {
    const logger = createLogger('test', { level: 'silent', format: 'json' });
    const journal = new PurchaseJournal(store, now, instance);
    const record = createRecordPurchase({
      history: new PurchaseHistory(store, now),
      journal,
      enterJournal: createEnterJournal({ journal, index: new ShopperIndex(store, now) }),
      erasures: new Erasures(store),
      telemetry: purchaseTelemetry(new Registry(), logger),
      now,
    });
    return (purchase: Purchase) => record(purchasePlaced(purchase));
  };
  /** Every entry of the journal, also those that its pages drop as duplicates. */
  const journalled = () =>
    [...store.values]
      .filter(([key]) => /^journal:\d+:/.test(key))
      .flatMap(([, text]) => (JSON.parse(text) as { entries: JournalEntry[] }).entries)
      .map(({ purchaseId, total }) => ({ purchaseId, amount: total.amount }));
  return { store, nowMs, open, journalled };
}

describe('recordPurchase', () => {
  test('writes only the winner to the journal when two replicas race with two orders under one id', async () => {
    for (let turns = 0; turns < 30; turns += 1) {
      const { store, nowMs, open, journalled } = setUp();
      const [one, other] = [open('replica-1'), open('replica-2')];
      // Both replicas know the history.
      await one(aPurchase({ placedMs: nowMs }));
      await other(aPurchase({ placedMs: nowMs }));
      let creates = 0;
      store.beforeCreate = async () => {
        creates += 1;
        for (let wait = creates % 2 === 0 ? turns : 0; wait > 0; wait -= 1) await Promise.resolve();
      };
      const order = aPurchase({ placedMs: nowMs, unitPrice: 100 });
      const rival = aPurchase({ purchaseId: order.purchaseId, placedMs: nowMs, unitPrice: 300 });
      const outcomes = await Promise.all([one(order), other(rival)]);
      expect([...outcomes].sort()).toEqual(['conflict', 'recorded']);
      const amount = outcomes[0] === 'recorded' ? 100 : 300;
      expect(journalled().filter(({ purchaseId }) => purchaseId === order.purchaseId)).toEqual([
        { purchaseId: order.purchaseId, amount },
      ]);
    }
  });

  test('adds a purchase to the journal when its event is delivered again after an interruption', async () => {
    const { store, nowMs, open, journalled } = setUp();
    const purchase = aPurchase({ placedMs: nowMs });
    store.beforeCreate = (key) => {
      if (key.startsWith('journal:')) store.createFaults.push('refuse');
    };
    await expect(open('replica-1')(purchase)).rejects.toThrow('the log cannot be read or written');
    expect(journalled()).toEqual([]);
    store.beforeCreate = () => undefined;
    expect(await open('replica-2')(purchase)).toBe('duplicate');
    expect(journalled()).toEqual([{ purchaseId: purchase.purchaseId, amount: 100 }]);
  });

  test('asks for another delivery when a recorded purchase cannot be found', async () => {
    const { store, nowMs, open } = setUp();
    const purchase = aPurchase({ placedMs: nowMs });
    const record = open('replica-1');
    await record(purchase);
    for (const key of store.values.keys()) store.values.delete(key);
    await expect(record(purchase)).rejects.toThrow('a recorded purchase was not found');
  });
});
