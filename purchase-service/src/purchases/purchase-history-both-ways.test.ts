import { describe, expect, test } from '@jest/globals';
import { shopperKey, type HistoryPage } from '@unity-purchase/contracts';
import fc from 'fast-check';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { aPurchase } from '../../test/fakes/purchases.js';
import { PurchaseHistory } from './purchase-history.js';

const ada = shopperKey('ada');

function setUp() {
  const store = new MemoryLogStore();
  const clock = { ms: Date.UTC(2026, 0, 1) };
  const open = () => new PurchaseHistory(store, () => new Date((clock.ms += 1)));
  const history = open();
  /** Purchases that come together share segments. */
  const buy = (count: number) =>
    Promise.all(Array.from({ length: count }, () => history.append(aPurchase({ placedMs: clock.ms + 1 }))));
  const buyOneByOne = async (count: number) => {
    for (let index = 0; index < count; index += 1) await buy(1);
  };
  return { store, open, history, buy, buyOneByOne };
}

const idsOf = ({ purchases }: HistoryPage) => purchases.map(({ purchase }) => purchase.purchaseId);

/** The pages from a cursor on, following one of the two. */
async function walk(
  history: PurchaseHistory,
  limit: number,
  which: 'next' | 'previous',
  from?: string,
): Promise<HistoryPage[]> {
  const pages: HistoryPage[] = [];
  for (let cursor = from; pages.length === 0 || cursor !== undefined; cursor = pages.at(-1)?.[which])
    pages.push(await history.page(ada, limit, cursor));
  return pages;
}

describe('following "previous"', () => {
  test('from the last page gives the pages that "next" gave, back to the newest', async () => {
    const steps = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constant('erase' as const), fc.constant('alone' as const)),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 100 }), async (each, limit) => {
        const { history, buy, open } = setUp();
        for (const step of each) {
          if (step === 'erase') await history.erase(ada);
          else await buy(step === 'alone' ? 1 : step);
        }
        const there = await walk(open(), limit, 'next');
        expect(there[0]?.previous).toBeUndefined();
        expect(there.slice(0, -1).every(({ purchases }) => purchases.length === limit)).toBe(true);
        expect(there.flatMap(idsOf)).toHaveLength(there[0]?.totals.count ?? 0);
        const last = there.at(-1);
        if (there.length === 1) return;
        const back = await walk(open(), limit, 'previous', last?.previous);
        expect(back.map(idsOf).reverse()).toEqual(there.slice(0, -1).map(idsOf));
        expect(back.map(({ totals }) => totals)).toEqual(back.map(() => last?.totals));
        // And from there on to the end once more.
        for (const [index, page] of back.entries())
          expect((await walk(history, limit, 'next', page.next)).length).toBe(index + 1);
      }),
      { numRuns: 60 },
    );
  });

  test('gives the newest page, a full one, where fewer are newer than a page holds', async () => {
    const { history, buyOneByOne } = setUp();
    await buyOneByOne(10);
    const newest = await history.page(ada, 4, undefined);
    const second = await history.page(ada, 3, newest.next);
    const previous = await history.page(ada, 5, second.previous);
    expect(idsOf(previous)).toEqual(idsOf(await history.page(ada, 5, undefined)));
    expect(previous.previous).toBeUndefined();
  });

  test('reaches what was bought meanwhile, page by page', async () => {
    const { history, buyOneByOne } = setUp();
    await buyOneByOne(4);
    const first = await history.page(ada, 2, undefined);
    const second = await history.page(ada, 2, first.next);
    await buyOneByOne(5);
    const back = await walk(history, 2, 'previous', second.previous);
    expect(back.map(({ purchases }) => purchases.length)).toEqual([2, 2, 2, 2]);
    expect(new Set([...back, second].flatMap(idsOf)).size).toBe(9);
    expect(idsOf(back[0] ?? first)).toEqual(idsOf(first));
  });

  test('from a page that was erased since gives the newest page, and nothing older', async () => {
    for (const bought of [0, 1, 3, 250]) {
      const { history, buyOneByOne } = setUp();
      await buyOneByOne(200);
      const first = await history.page(ada, 2, undefined);
      const second = await history.page(ada, 2, first.next);
      await history.erase(ada);
      await history.erase(ada);
      await buyOneByOne(bought);
      const newest = await history.page(ada, 2, undefined);
      expect(newest.purchases).toHaveLength(Math.min(bought, 2));
      expect(await history.page(ada, 2, second.previous)).toEqual(newest);
      const gone = await history.page(ada, 2, second.next);
      expect([gone.purchases, gone.next, gone.totals]).toEqual([[], undefined, newest.totals]);
      expect(await history.page(ada, 2, gone.previous)).toEqual(newest);
    }
  });

  test.each([30, 1000])('costs one call in the middle of %i purchases, two at the newest', async (count) => {
    const { store, history, buyOneByOne } = setUp();
    await buyOneByOne(count);
    const pages = await walk(history, 7, 'next');
    const costOf = async (cursor: string | undefined) => {
      const calls = await store.callsDuring(() => history.page(ada, 7, cursor));
      expect(Math.max(...calls.map((call) => Number(call.split(' ').at(-1))))).toBeLessThanOrEqual(120);
      return calls.length;
    };
    expect(await costOf(pages.at(-1)?.previous)).toBe(1);
    expect(await costOf(pages[1]?.previous)).toBe(1);
    await history.append(aPurchase());
    const stale = await history.page(ada, 3, undefined);
    expect(await costOf((await history.page(ada, 3, stale.next)).previous)).toBe(2);
  });
});

test('a page at a cursor has the totals of the whole log, also by a reader that was left far behind', async () => {
  const { open, history, buyOneByOne } = setUp();
  await buyOneByOne(2);
  const behind = Array.from({ length: 3 }, open);
  for (const reader of behind) await reader.page(ada, 1, undefined);
  await buyOneByOne(300);
  const cursors = (await walk(history, 100, 'next')).flatMap(({ next = [] }) => next);
  expect(cursors).toHaveLength(3);
  for (const [index, cursor] of cursors.entries())
    expect((await behind[index]?.page(ada, 100, cursor))?.totals.count).toBe(302);
});
