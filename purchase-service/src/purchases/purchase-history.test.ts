import { describe, expect, test } from '@jest/globals';
import {
  clockDifferenceMaxMs,
  historyPageSchema,
  shopperKey,
  type HistoryPage,
} from '@unity-purchase/contracts';
import {
  clockDifferenceMaxMs as clockDifferenceMaxMsOfLogs,
  InvalidCursorError,
} from '@unity-purchase/numbered-log';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { aPurchase, purchaseIdAt } from '../../test/fakes/purchases.js';
import { PurchaseHistory } from './purchase-history.js';

const startMs = Date.UTC(2026, 0, 1);
const ada = shopperKey('ada');

function setUp() {
  const store = new MemoryLogStore();
  const clock = { ms: startMs };
  const open = () => new PurchaseHistory(store, () => new Date(clock.ms));
  return { store, clock, open, history: open() };
}

const idsOf = ({ purchases }: HistoryPage) => purchases.map(({ purchase }) => purchase.purchaseId);

test('the log tolerates the same difference between clocks as every other part', () => {
  expect(clockDifferenceMaxMsOfLogs).toBe(clockDifferenceMaxMs);
});

describe('PurchaseHistory.append', () => {
  test('records a new purchase with its totals', async () => {
    const { history } = setUp();
    const purchase = aPurchase();
    expect(await history.append(purchase)).toBe('recorded');
    expect(await history.page(ada, 10, undefined)).toEqual({
      purchases: [{ purchase, recordedAt: new Date(startMs).toISOString() }],
      totals: { count: 1, sums: { EUR: 100 } },
    });
  });

  test('reports the same purchase under another display name and time as a duplicate, also in another process', async () => {
    const { history, open } = setUp();
    const purchase = aPurchase();
    await history.append(purchase);
    expect(await history.append(purchase)).toBe('duplicate');
    const again = {
      ...purchase,
      shopper: { id: 'ada', name: 'Ada L.' },
      placedAt: new Date(startMs + 5).toISOString(),
    };
    expect(await open().append(again)).toBe('duplicate');
    expect(idsOf(await history.page(ada, 10, undefined))).toEqual([purchase.purchaseId]);
  });

  test('reports other content under a recorded id as a conflict and keeps the first purchase', async () => {
    const { history, open } = setUp();
    const purchase = aPurchase({ unitPrice: 100 });
    const other = aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 200 });
    await history.append(purchase);
    expect(await history.append(other)).toBe('conflict');
    expect(await open().append(other)).toBe('conflict');
    expect((await history.page(ada, 10, undefined)).totals).toEqual({ count: 1, sums: { EUR: 100 } });
  });
});

describe('the totals of a history', () => {
  test.each([
    ['9007199254740891', '9007199254740991', 9_007_199_254_740_991],
    ['9007199254740991', '"9007199254741091"', '9007199254741091'],
    ['"123456789012345678901"', '"123456789012345679001"', '123456789012345679001'],
  ])('are exact when %s becomes %s', async (before, after, answered) => {
    const { store, history, open } = setUp();
    await history.append(aPurchase({ unitPrice: 100 }));
    const key = `history:${ada}:1`;
    store.values.set(key, (store.values.get(key) ?? '').replace('{"EUR":100}', `{"EUR":${before}}`));
    expect(await open().append(aPurchase({ unitPrice: 100 }))).toBe('recorded');
    expect(store.values.get(`history:${ada}:2`)).toContain(`"sums":{"EUR":${after}}`);
    const page = await open().page(ada, 10, undefined);
    expect(historyPageSchema.parse(JSON.parse(JSON.stringify(page))).totals).toEqual({
      count: 2,
      sums: { EUR: answered },
    });
  });
});

describe('PurchaseHistory.page', () => {
  test('is empty for an unknown shopper', async () => {
    const { history } = setUp();
    expect(await history.page(ada, 10, undefined)).toEqual({ purchases: [], totals: { count: 0, sums: {} } });
  });

  test('has cursors that lead to the last page and back', async () => {
    const { history } = setUp();
    for (let count = 0; count < 20; count += 1) await history.append(aPurchase());
    const there = [await history.page(ada, 6, undefined)];
    for (let next = there[0]?.next; next !== undefined; next = there.at(-1)?.next)
      there.push(await history.page(ada, 6, next));
    const back: HistoryPage[] = [];
    for (
      let cursor = there.at(-1)?.previous;
      cursor !== undefined && back.length < there.length;
      cursor = back.at(-1)?.previous
    )
      back.push(await history.page(ada, 6, cursor));
    expect(there.map((page) => idsOf(page).length)).toEqual([6, 6, 6, 2]);
    expect(back.map(idsOf).reverse()).toEqual(there.slice(0, -1).map(idsOf));
  });

  test('is the newest page at the cursor of an erased page, and ends before erased purchases', async () => {
    for (const bought of [0, 1, 3, 250]) {
      const { clock, history } = setUp();
      const buy = async (count: number) => {
        for (let index = 0; index < count; index += 1)
          await history.append(aPurchase({ placedMs: (clock.ms += 1) }));
      };
      await buy(200);
      const first = await history.page(ada, 2, undefined);
      const second = await history.page(ada, 2, first.next);
      clock.ms += 1;
      await history.erase(ada);
      await history.erase(ada);
      await buy(bought);
      const newest = await history.page(ada, 2, undefined);
      expect(newest.purchases).toHaveLength(Math.min(bought, 2));
      expect(await history.page(ada, 2, second.previous)).toEqual(newest);
      const gone = await history.page(ada, 2, second.next);
      expect([gone.purchases, gone.next, gone.totals]).toEqual([[], undefined, newest.totals]);
      expect(await history.page(ada, 2, gone.previous)).toEqual(newest);
    }
  });

  test.each([
    '',
    'x',
    '..',
    'MS4w=',
    Buffer.from('9.0').toString('base64url'),
    Buffer.from('1.9').toString('base64url'),
    Buffer.from('0.0').toString('base64url'),
    Buffer.from('1.0 1.0').toString('base64url'),
  ])('refuses the cursor %j, which no page returned', async (cursor) => {
    const { history } = setUp();
    await history.append(aPurchase());
    await expect(history.page(ada, 10, cursor)).rejects.toThrow(InvalidCursorError);
  });
});

describe('PurchaseHistory.find', () => {
  test('finds a purchase by its id, and nothing under another id', async () => {
    const { history } = setUp();
    const purchase = aPurchase();
    await history.append(purchase);
    expect(await history.find(ada, purchase.purchaseId)).toEqual({
      purchase,
      recordedAt: new Date(startMs).toISOString(),
    });
    expect(await history.find(ada, purchaseIdAt(startMs))).toBeUndefined();
    expect(await history.find(shopperKey('eve'), purchase.purchaseId)).toBeUndefined();
  });
});
