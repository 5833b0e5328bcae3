import { describe, expect, test } from '@jest/globals';
import { shopperKey, type HistoryPage, type Purchase } from '@unity-purchase/contracts';
import { InvalidCursorError } from '@unity-purchase/numbered-log';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import fc from 'fast-check';
import { aPurchase, purchaseIdAt } from '../../test/fakes/purchases.js';
import { periodOfMonth } from './calendar.js';
import { PurchaseHistory } from './purchase-history.js';

const ada = shopperKey('ada');
const startMs = Date.UTC(2026, 0, 1);
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

function setUp() {
  const store = new MemoryLogStore();
  const clock = { ms: startMs };
  const open = () => new PurchaseHistory(store, () => new Date(clock.ms));
  const history = open();
  const buy = async (
    title: string,
    recordedMs = clock.ms + minuteMs,
    purchaseId = purchaseIdAt(recordedMs),
  ) => {
    clock.ms = recordedMs;
    const purchase = aPurchase({ purchaseId, placedMs: recordedMs });
    const named = { ...purchase, lines: purchase.lines.map((line) => ({ ...line, title })) };
    await history.append(named);
    return named;
  };
  return { store, clock, open, history, buy };
}

const idsOf = ({ purchases }: HistoryPage) => purchases.map(({ purchase }) => purchase.purchaseId);
const idOf = ({ purchaseId }: Purchase) => purchaseId;

async function readAll(
  history: PurchaseHistory,
  text: string,
  limit: number,
  period?: { fromMs: number; toMs: number },
) {
  const pages = [await history.search(ada, text, { limit, period })];
  for (let cursor = pages[0]?.next; cursor !== undefined; cursor = pages.at(-1)?.next)
    pages.push(await history.search(ada, text, { limit, cursor, period }));
  return pages;
}

describe('PurchaseHistory.search', () => {
  test('finds every purchase with the words once, newest first, on pages of any size, for any history', async () => {
    const steps = fc.array(
      fc.record({ title: fc.constantFrom('Mug', 'Teapot', 'Blue mug'), days: fc.constantFrom(0, 1, 20) }),
      { maxLength: 50 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 20 }), async (each, limit) => {
        const { open, clock, buy } = setUp();
        const bought: { id: string; title: string; month: string }[] = [];
        for (const { title, days } of each) {
          const { purchaseId } = await buy(title, clock.ms + days * dayMs + 1);
          bought.unshift({ id: purchaseId, title, month: new Date(clock.ms).toISOString().slice(0, 7) });
        }
        const mugs = bought.filter(({ title }) => title !== 'Teapot');
        expect((await readAll(open(), 'mug', limit)).flatMap(idsOf)).toEqual(mugs.map(({ id }) => id));
        const month = '2026-02';
        expect((await readAll(open(), 'MUG', limit, periodOfMonth(month))).flatMap(idsOf)).toEqual(
          mugs.filter((one) => one.month === month).map(({ id }) => id),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('looks through 1,000 purchases at a time, in few calls, and says how far it came', async () => {
    const { store, open, buy } = setUp();
    const rare = await buy('Lamp');
    for (let index = 0; index < 2_500; index += 1) await buy('Mug');
    const pages: HistoryPage[] = [];
    const calls = await store.callsDuring(async () => {
      pages.push(...(await readAll(open(), 'lamp', 20)));
    });
    expect(pages.map(idsOf)).toEqual([[], [], [rare.purchaseId]]);
    expect(pages.map(({ searched }) => searched)).toEqual([
      { count: 1_000, since: new Date(startMs + 1_502 * minuteMs).toISOString() },
      { count: 1_000, since: new Date(startMs + 502 * minuteMs).toISOString() },
      { count: 501, since: new Date(startMs + minuteMs).toISOString() },
    ]);
    expect(pages.map(({ totals }) => totals.count)).toEqual([2_501, 2_501, 2_501]);
    expect(calls.length).toBeLessThanOrEqual(30);
    expect(Math.max(...calls.map((call) => Number(call.split(' ').at(-1))))).toBeLessThanOrEqual(120);
  });

  test('finds a purchase by its number, however old and however late it was recorded', async () => {
    const { history, buy } = setUp();
    const old = await buy('Lamp');
    const late = await buy('Lamp', startMs + 5 * dayMs, purchaseIdAt(startMs + dayMs));
    for (let index = 0; index < 1_200; index += 1) await buy('Mug');
    for (const purchase of [old, late]) {
      const page = await history.search(ada, purchase.purchaseId.toUpperCase(), { limit: 20 });
      expect([idsOf(page), page.next, page.totals.count]).toEqual([[purchase.purchaseId], undefined, 1_202]);
    }
    expect(await history.search(ada, purchaseIdAt(startMs), { limit: 20 })).toEqual({
      purchases: [],
      totals: { count: 1_202, sums: { EUR: 120_200 } },
    });
  });

  test('finds a purchase by the first part of its number in few calls, however many are newer', async () => {
    const { store, open, buy } = setUp();
    const old = await buy('Lamp');
    for (let index = 0; index < 1_200; index += 1) await buy('Mug');
    const calls = await store.callsDuring(async () => {
      const page = await open().search(ada, `#${old.purchaseId.slice(0, 8)}`, { limit: 20 });
      expect([idsOf(page), page.next, page.searched]).toEqual([[old.purchaseId], undefined, undefined]);
    });
    expect(calls.length).toBeLessThanOrEqual(6);
  });

  test('goes on with the whole history if no purchase was recorded at the time of the number', async () => {
    const { history, buy } = setUp();
    const late = await buy('Lamp', startMs + 5 * dayMs, purchaseIdAt(startMs + dayMs));
    for (let index = 0; index < 1_200; index += 1) await buy('Mug');
    const pages = await readAll(history, late.purchaseId.slice(0, 8), 20);
    expect(pages.map(idsOf)).toEqual([[], [late.purchaseId]]);
  });

  test('finds by a number only what was recorded in the period', async () => {
    const { history, buy } = setUp();
    const { purchaseId } = await buy('Lamp');
    for (const text of [purchaseId, purchaseId.slice(0, 8)]) {
      const within = (month: string) =>
        history.search(ada, text, { limit: 20, period: periodOfMonth(month) });
      expect(idsOf(await within('2026-01'))).toEqual([purchaseId]);
      expect(idsOf(await within('2026-02'))).toEqual([]);
    }
  });

  test('finds nothing for an unknown shopper and nothing of another shopper', async () => {
    const { history, buy } = setUp();
    await buy('Mug');
    expect(await history.search(shopperKey('eve'), 'mug', { limit: 20 })).toEqual({
      purchases: [],
      totals: { count: 0, sums: {} },
      searched: { count: 0 },
    });
  });

  test('finds no erased purchase, and those of the new history', async () => {
    const { clock, history, buy } = setUp();
    await buy('Mug');
    clock.ms += minuteMs;
    await history.erase(ada);
    const later = await buy('Mug');
    expect((await readAll(history, 'mug', 20)).map(idsOf)).toEqual([[idOf(later)]]);
  });

  test('refuses a cursor towards newer purchases', async () => {
    const { history, buy } = setUp();
    for (let index = 0; index < 5; index += 1) await buy('Mug');
    const { next } = await history.page(ada, 2, undefined);
    const { previous } = await history.page(ada, 2, next);
    await expect(history.search(ada, 'mug', { limit: 2, cursor: previous })).rejects.toThrow(
      InvalidCursorError,
    );
  });

  test('stops reading when its signal is aborted', async () => {
    const { history, buy, store } = setUp();
    for (let index = 0; index < 300; index += 1) await buy('Mug');
    const getBulk = store.getBulk.bind(store);
    const gone = new AbortController();
    store.getBulk = (keys, options) => {
      gone.abort();
      return options?.signal?.aborted === true
        ? Promise.reject(new Error('the reader has left'))
        : getBulk(keys, options);
    };
    await expect(history.search(ada, 'lamp', { limit: 20, signal: gone.signal })).rejects.toThrow('has left');
  });
});
