import { describe, expect, test } from '@jest/globals';
import { shopperKey, type HistoryPage } from '@unity-purchase/contracts';
import fc from 'fast-check';
import { InvalidCursorError } from '@unity-purchase/numbered-log';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { aPurchase } from '../../test/fakes/purchases.js';
import { lastMonths, lastYears, periodOfMonth, periodOfYear } from './calendar.js';
import { PurchaseHistory } from './purchase-history.js';

const ada = shopperKey('ada');
const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

function setUp(startMs = Date.UTC(2026, 0, 1)) {
  const store = new MemoryLogStore();
  const clock = { ms: startMs };
  const open = () => new PurchaseHistory(store, () => new Date(clock.ms));
  const history = open();
  const buyAt = async (ms: number, unitPrice = 100) => {
    clock.ms = ms;
    const purchase = aPurchase({ placedMs: ms, unitPrice });
    await history.append(purchase);
    return purchase;
  };
  return { store, clock, open, history, buyAt };
}

const idsOf = ({ purchases }: HistoryPage) => purchases.map(({ purchase }) => purchase.purchaseId);
const ofMonth = (month: string) => periodOfMonth(month);

describe('PurchaseHistory.page of a month', () => {
  test('has the purchases recorded in it, in both directions, with the totals of all purchases', async () => {
    const { history, buyAt } = setUp();
    const recorded: { id: string; month: string }[] = [];
    for (let ms = Date.UTC(2026, 0, 30); ms < Date.UTC(2026, 5, 3); ms += 20 * hourMs) {
      // Nothing was bought in March.
      if (new Date(ms).getUTCMonth() === 2) continue;
      const { purchaseId } = await buyAt(ms);
      recorded.unshift({ id: purchaseId, month: new Date(ms).toISOString().slice(0, 7) });
    }
    for (const month of [
      '2025-12',
      '2026-01',
      '2026-02',
      '2026-03',
      '2026-04',
      '2026-05',
      '2026-06',
      '2026-07',
    ])
      for (const limit of [1, 7, 100]) {
        const pages = [await history.page(ada, limit, undefined, ofMonth(month))];
        for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next)
          pages.push(await history.page(ada, limit, next, ofMonth(month)));
        expect(pages.flatMap(idsOf)).toEqual(recorded.flatMap((one) => (one.month === month ? one.id : [])));
        for (const { totals } of pages) expect(totals.count).toBe(recorded.length);
        const back: HistoryPage[] = [];
        for (let cursor = pages.at(-1)?.previous; cursor !== undefined; cursor = back.at(-1)?.previous)
          back.push(await history.page(ada, limit, cursor, ofMonth(month)));
        expect(back.map(idsOf).reverse()).toEqual(pages.slice(0, -1).map(idsOf));
      }
  });

  test('refuses the cursor of another month', async () => {
    const { history, buyAt } = setUp();
    for (let index = 0; index < 100; index += 1) await buyAt(Date.UTC(2026, 0, 1) + index * dayMs);
    const { next } = await history.page(ada, 2, undefined, ofMonth('2026-02'));
    expect((await history.page(ada, 2, next, ofMonth('2026-02'))).purchases).toHaveLength(2);
    for (const month of ['2026-01', '2026-03', '2026-12'])
      await expect(history.page(ada, 2, next, ofMonth(month))).rejects.toThrow(InvalidCursorError);
  });

  test('has no erased purchases', async () => {
    const { clock, history, buyAt } = setUp();
    for (let day = 0; day < 10; day += 1) await buyAt(Date.UTC(2026, 0, 28) + day * dayMs);
    clock.ms += 1;
    await history.erase(ada);
    const later = await buyAt(clock.ms + hourMs);
    expect(await history.page(ada, 2, undefined, ofMonth('2026-01'))).toMatchObject({ purchases: [] });
    const page = await history.page(ada, 2, undefined, ofMonth('2026-02'));
    expect([idsOf(page), page.next, page.previous]).toEqual([[later.purchaseId], undefined, undefined]);
  });
});

describe('PurchaseHistory.months', () => {
  test('returns the totals of each of the last months, for any sequence of purchases and erasures', async () => {
    const startMs = Date.UTC(2025, 9, 1);
    const steps = fc.array(
      fc.oneof(
        {
          weight: 20,
          arbitrary: fc.record({
            hours: fc.integer({ max: 500, min: 0 }),
            price: fc.integer({ min: 1, max: 9 }),
          }),
        },
        { weight: 1, arbitrary: fc.constant('erase' as const) },
      ),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 36 }), async (each, count) => {
        const { clock, history, open, buyAt } = setUp(startMs);
        let kept: { month: string; price: number }[] = [];
        for (const step of each)
          if (step === 'erase') {
            clock.ms += 1;
            await history.erase(ada);
            kept = [];
          } else {
            await buyAt(clock.ms + step.hours * hourMs + 1, step.price);
            kept.push({ month: new Date(clock.ms).toISOString().slice(0, 7), price: step.price });
          }
        const totalsIn = (period: string) => {
          const prices = kept.flatMap((one) => (one.month.startsWith(period) ? one.price : []));
          const sum = prices.reduce((one, other) => one + other, 0);
          return { count: prices.length, sums: sum === 0 ? {} : { EUR: sum } };
        };
        const monthsUpTo = (time: Date) =>
          lastMonths(time, count).map((month) => ({ month, totals: totalsIn(month) }));
        const { months, years } = await open().months(ada, count);
        expect(months).toEqual(monthsUpTo(new Date(clock.ms)));
        const bought = new Set(kept.map(({ month }) => month.slice(0, 4)));
        expect(years).toEqual([...bought].map((year) => ({ year, totals: totalsIn(year) })));
        const until = new Date(clock.ms - 100 * dayMs);
        expect((await open().months(ada, count, until)).months).toEqual(monthsUpTo(until));
      }),
      { numRuns: 50 },
    );
  });

  test('returns empty months up to the current one for an unknown shopper', async () => {
    const { history } = setUp(Date.UTC(2026, 1, 28, 23, 59, 59, 999));
    const none = { count: 0, sums: {} };
    expect(await history.months(ada, 3)).toEqual({
      months: ['2025-12', '2026-01', '2026-02'].map((month) => ({ month, totals: none })),
      years: [],
    });
  });

  test.each([
    [10, 2],
    [4000, 6],
  ])(
    'takes for %i purchases at most %i calls, each no larger than a call may be',
    async (purchases, calls) => {
      const { store, open, buyAt } = setUp();
      const stepMs = Math.floor((360 * dayMs) / purchases);
      for (let index = 0; index < purchases; index += 1) await buyAt(Date.UTC(2026, 0, 1) + index * stepMs);
      for (const count of [12, 36]) {
        const made = await store.callsDuring(async () => {
          const { months } = await open().months(ada, count);
          expect(months.reduce((sum, { totals }) => sum + totals.count, 0)).toBe(purchases);
        });
        expect(made.length).toBeLessThanOrEqual(calls);
        expect(Math.max(...made.map((call) => Number(call.split(' ').at(-1))))).toBeLessThanOrEqual(120);
      }
    },
  );

  test('returns no negative totals while an erasure is in progress', async () => {
    const { clock, store, history, open, buyAt } = setUp();
    for (let day = 0; day < 40; day += 1) await buyAt(Date.UTC(2026, 0, 1) + day * dayMs);
    clock.ms += 1;
    store.update = () => Promise.reject(new Error('the store is unavailable'));
    await expect(history.erase(ada)).rejects.toThrow('unavailable');
    for (const { totals } of (await open().months(ada, 3)).months) {
      expect(totals.count).toBeGreaterThanOrEqual(0);
      for (const sum of Object.values(totals.sums)) expect(sum).toBeGreaterThan(0);
    }
  });
});

describe('PurchaseHistory.months of a history of many years', () => {
  test('has the exact totals of each of the last twenty years, in few calls', async () => {
    const { store, open, clock, buyAt } = setUp();
    for (let year = 2000; year <= 2026; year += 1)
      for (let index = 0; index < 100; index += 1)
        await buyAt(Date.UTC(year, 0, 1) + index * 2 * dayMs, year);
    clock.ms = Date.UTC(2026, 10, 29);
    const calls = await store.callsDuring(async () => {
      const { months, years = [] } = await open().months(ada, 12, new Date(Date.UTC(2012, 11)));
      expect(years).toEqual(
        lastYears(new Date(clock.ms), 20).map((year) => ({
          year,
          totals: { count: 100, sums: { EUR: 100 * Number(year) } },
        })),
      );
      expect(months.map(({ month }) => month)).toEqual(lastMonths(new Date(Date.UTC(2012, 11)), 12));
      expect(months.reduce((sum, { totals }) => sum + totals.count, 0)).toBe(100);
    });
    expect(calls.length).toBeLessThanOrEqual(8);
    expect(Math.max(...calls.map((call) => Number(call.split(' ').at(-1))))).toBeLessThanOrEqual(120);
  });
});

test('a year has all its days, also a leap year', () => {
  expect(periodOfYear('2026')).toEqual({ fromMs: Date.UTC(2026, 0), toMs: Date.UTC(2027, 0) });
  expect(periodOfYear('2024').toMs - periodOfYear('2024').fromMs).toBe(366 * dayMs);
});

test('the last months of a time at the end of a long month are months in a row', () => {
  expect(lastMonths(new Date('2026-03-31T23:59:59.999Z'), 3)).toEqual(['2026-01', '2026-02', '2026-03']);
});

test('a month has all its days, also in December and in a leap year', () => {
  expect(periodOfMonth('2026-12')).toEqual({ fromMs: Date.UTC(2026, 11), toMs: Date.UTC(2027, 0) });
  expect(periodOfMonth('2024-02').toMs - periodOfMonth('2024-02').fromMs).toBe(29 * dayMs);
});
