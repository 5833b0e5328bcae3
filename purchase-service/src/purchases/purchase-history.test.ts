import { describe, expect, test } from '@jest/globals';
import { shopperKey } from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { aPurchase, purchaseIdAt } from '../../test/fakes/purchases.js';
import { PurchaseHistory } from './purchase-history.js';

const startMs = Date.UTC(2026, 0, 1);
const ada = shopperKey('ada');
const minuteMs = 60_000;

function setUp() {
  const store = new MemoryLogStore();
  const clock = { ms: startMs };
  const open = () => new PurchaseHistory(store, () => new Date(clock.ms));
  return { store, clock, open, history: open() };
}

/** Everything in a shopper's history, oldest first, by reading page after page. */
async function readAll(history: PurchaseHistory, limit = 7) {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await history.page(ada, limit, cursor);
    ids.push(...page.purchases.map(({ purchase }) => purchase.purchaseId));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids.reverse();
}

function segmentNumbers(store: MemoryLogStore) {
  return [...store.values.keys()]
    .filter((key) => key.startsWith(`history:${ada}:`))
    .map((key) => Number(key.split(':').at(-1)))
    .sort((one, other) => one - other);
}

describe('PurchaseHistory.append', () => {
  test('of a new purchase records it', async () => {
    const { history } = setUp();
    const purchase = aPurchase();
    expect(await history.append(purchase)).toBe('recorded');
    expect(await history.page(ada, 10, undefined)).toEqual({
      purchases: [{ purchase, recordedAt: new Date(startMs).toISOString() }],
      totals: { count: 1, sums: { EUR: 100 } },
    });
  });

  test('of the same purchase again, also by another process and under another display name, is a repeat', async () => {
    const { history, open } = setUp();
    const purchase = aPurchase();
    await history.append(purchase);
    expect(await history.append(purchase)).toBe('repeated');
    const again = {
      ...purchase,
      shopper: { id: 'ada', name: 'Ada L.' },
      placedAt: new Date(startMs + 5).toISOString(),
    };
    expect(await open().append(again)).toBe('repeated');
    expect(await readAll(history)).toEqual([purchase.purchaseId]);
  });

  test('of other content under the same id contradicts it, and the first stays', async () => {
    const { history, open } = setUp();
    const purchase = aPurchase({ unitPrice: 100 });
    const other = aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 200 });
    await history.append(purchase);
    expect(await history.append(other)).toBe('contradicted');
    expect(await open().append(other)).toBe('contradicted');
    expect((await history.page(ada, 10, undefined)).totals).toEqual({ count: 1, sums: { EUR: 100 } });
  });

  test('of the same purchase many times at once records it once', async () => {
    const { history, open } = setUp();
    const purchase = aPurchase();
    const outcomes = await Promise.all(
      [history, open(), open()].flatMap((each) => [each, each].map((one) => one.append(purchase))),
    );
    expect(outcomes.filter((outcome) => outcome === 'recorded')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(5);
  });

  test('by many writers at once gives each purchase one place, dense numbers and right totals', async () => {
    const { store, open, history } = setUp();
    const writers = [open(), open(), open()];
    const purchases = Array.from({ length: 120 }, () => aPurchase());
    const outcomes = await Promise.all(
      purchases.map((purchase, index) => (writers[index % 3] ?? history).append(purchase)),
    );
    expect(new Set(outcomes)).toEqual(new Set(['recorded']));
    expect((await readAll(history)).sort()).toEqual(purchases.map(({ purchaseId }) => purchaseId).sort());
    const numbers = segmentNumbers(store);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect((await history.page(ada, 1, undefined)).totals).toEqual({ count: 120, sums: { EUR: 12_000 } });
  });

  test('of a burst shares segments: what waits for a write goes into the next one together', async () => {
    const { store, history } = setUp();
    const calls = await store.callsDuring(() =>
      Promise.all(Array.from({ length: 50 }, () => history.append(aPurchase()))),
    );
    expect(calls.filter((call) => call.startsWith('create'))).toHaveLength(2);
  });

  test('of large purchases keeps every segment small enough to be read with a hundred others', async () => {
    const { store, history } = setUp();
    const name = '🙂'.repeat(50);
    await Promise.all(Array.from({ length: 64 }, () => history.append(aPurchase({ name }))));
    const sizes = [...store.values.values()].map((text) => JSON.stringify(text).length);
    expect(Math.max(...sizes)).toBeLessThan(32 * 1024);
    expect(sizes.length).toBeGreaterThan(2);
  });

  test('whose answer is lost after the create is recorded once and says so', async () => {
    const { store, history } = setUp();
    store.createFaults.push('lose-answer');
    const purchase = aPurchase();
    expect(await history.append(purchase)).toBe('recorded');
    expect(await readAll(history)).toEqual([purchase.purchaseId]);
  });

  test('that the store refuses fails, and recording it again records it once', async () => {
    const { store, history } = setUp();
    const purchase = aPurchase();
    store.createFaults.push('refuse');
    await expect(history.append(purchase)).rejects.toThrow('the log cannot be read or written');
    expect(await history.append(purchase)).toBe('recorded');
    expect(segmentNumbers(store)).toEqual([1]);
  });

  test('that cannot read the end after a lost answer fails, and recording it again finds it', async () => {
    const { store, history } = setUp();
    await history.append(aPurchase());
    store.createFaults.push('lose-answer');
    store.readFaults = 1;
    const purchase = aPurchase();
    await expect(history.append(purchase)).rejects.toThrow('the log cannot be read or written');
    expect(await history.append(purchase)).toBe('repeated');
  });

  test('that finds an earlier attempt of the same process in its place takes the next number', async () => {
    const { store, history } = setUp();
    const early = aPurchase();
    // The store answers with a failure, and creates the segment only when the next one is about to be created.
    store.createFaults.push('refuse');
    let late: [string, string] | undefined;
    const create = store.createIfAbsent.bind(store);
    store.createIfAbsent = (key, value) => {
      if (late === undefined) late = [key, value];
      else store.values.set(...late);
      return create(key, value);
    };
    await expect(history.append(early)).rejects.toThrow('the log cannot be read or written');
    const second = aPurchase();
    expect(await history.append(second)).toBe('recorded');
    expect(await readAll(history)).toEqual([early.purchaseId, second.purchaseId]);
  });

  test('that loses the race for a number takes the next', async () => {
    const { store, history, open } = setUp();
    const rival = open();
    const first = aPurchase();
    store.beforeCreate = async () => {
      store.beforeCreate = () => undefined;
      await rival.append(first);
    };
    const second = aPurchase();
    expect(await history.append(second)).toBe('recorded');
    expect(await readAll(history)).toEqual([first.purchaseId, second.purchaseId]);
  });

  test('of an event that comes again long after, to a process that knows nothing, finds it far back', async () => {
    const { clock, history, open } = setUp();
    const early = aPurchase();
    await history.append(early);
    for (let index = 0; index < 150; index += 1) {
      clock.ms += minuteMs;
      await history.append(aPurchase({ placedMs: clock.ms }));
    }
    expect(await history.append(early)).toBe('repeated');
    expect(await open().append(early)).toBe('repeated');
  });

  test('costs one create, whether it is the second purchase or the five thousandth', async () => {
    const { store, clock, history } = setUp();
    const costs: number[] = [];
    for (let count = 1; count <= 5000; count += 1) {
      clock.ms += 1000;
      const purchase = aPurchase({ placedMs: clock.ms });
      costs.push((await store.callsDuring(() => history.append(purchase))).length);
    }
    // Every sixteenth also notes the end down.
    expect(new Set(costs.slice(1))).toEqual(new Set([1, 2]));
    expect(costs.slice(1).filter((cost) => cost === 2)).toHaveLength(Math.floor(5000 / 16));
  });

  test.each([1, 9, 15, 25, 90])('costs one create when purchases come every %i minutes', async (minutes) => {
    const { store, clock, history } = setUp();
    for (let count = 1; count <= 15; count += 1) {
      clock.ms += minutes * minuteMs;
      const purchase = aPurchase({ placedMs: clock.ms });
      const calls = await store.callsDuring(() => history.append(purchase));
      if (count > 1) expect(calls).toEqual([expect.stringMatching(/^create/)]);
    }
  });

  test('by a writer that was left far behind catches up in few calls', async () => {
    const { store, clock, history, open } = setUp();
    const behind = open();
    const early = aPurchase();
    await behind.append(early);
    for (let count = 0; count < 2000; count += 1) {
      clock.ms += minuteMs;
      await history.append(aPurchase({ placedMs: clock.ms }));
    }
    const purchase = aPurchase({ placedMs: clock.ms });
    const calls = await store.callsDuring(() => behind.append(purchase));
    expect(calls.length).toBeLessThanOrEqual(7);
    expect(await behind.append(early)).toBe('repeated');
    expect((await readAll(open(), 100)).length).toBe(2002);
  });

  test('reports a store that returns what no log ever wrote', async () => {
    const { store, history } = setUp();
    store.values.set(`history:${ada}:1`, '{"version":1}');
    await expect(history.append(aPurchase())).rejects.toMatchObject({
      cause: { name: 'DamagedLogError' },
    });
  });
});

describe('PurchaseHistory.page', () => {
  test('of an unknown shopper is empty', async () => {
    const { history } = setUp();
    expect(await history.page(ada, 10, undefined)).toEqual({ purchases: [], totals: { count: 0, sums: {} } });
  });

  test('by page reads everything once, newest first, whatever the segments hold', async () => {
    const { store, history, open } = setUp();
    const purchases = Array.from({ length: 57 }, () => aPurchase());
    await Promise.all(purchases.slice(0, 30).map((purchase) => history.append(purchase)));
    for (const purchase of purchases.slice(30)) await open().append(purchase);
    expect(segmentNumbers(store).length).toBeGreaterThan(27);
    for (const limit of [1, 2, 7, 56, 57, 100]) {
      expect((await readAll(open(), limit)).sort()).toEqual(
        purchases.map(({ purchaseId }) => purchaseId).sort(),
      );
    }
  });

  test('shows what another process recorded meanwhile', async () => {
    const { history, open } = setUp();
    const other = open();
    await history.append(aPurchase());
    await other.page(ada, 10, undefined);
    const purchases = Array.from({ length: 40 }, () => aPurchase());
    for (const purchase of purchases) await history.append(purchase);
    expect((await other.page(ada, 1, undefined)).totals.count).toBe(41);
  });

  test.each([1, 40, 1000])('costs the same calls with %i purchases: two cold, one warm', async (count) => {
    const { store, history, open } = setUp();
    for (let index = 0; index < count; index += 1) await history.append(aPurchase());
    const reader = open();
    expect(await store.callsDuring(() => reader.page(ada, 20, undefined))).toEqual([
      'get 1',
      expect.stringMatching(/^get/),
    ]);
    expect(await store.callsDuring(() => reader.page(ada, 20, undefined))).toHaveLength(1);
  });

  test('by a reader that was left far behind costs few calls', async () => {
    const { store, history, open } = setUp();
    const reader = open();
    await history.append(aPurchase());
    await reader.page(ada, 20, undefined);
    for (let count = 0; count < 1000; count += 1) await history.append(aPurchase());
    const calls = await store.callsDuring(async () => {
      expect((await reader.page(ada, 20, undefined)).totals.count).toBe(1001);
    });
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  test('finds the end although every note of it was lost', async () => {
    const { store, history, open } = setUp();
    store.saveFaults = 1000;
    for (let index = 0; index < 300; index += 1) await history.append(aPurchase());
    expect(store.values.has(`history:${ada}`)).toBe(false);
    expect((await open().page(ada, 1, undefined)).totals.count).toBe(300);
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
  ])('refuses %j as a cursor', async (cursor) => {
    const { history } = setUp();
    await history.append(aPurchase());
    await expect(history.page(ada, 10, cursor)).rejects.toMatchObject({
      code: 'invalid-cursor',
      status: 400,
    });
  });
});

describe('PurchaseHistory.find', () => {
  test('finds any purchase in a long history, in few calls', async () => {
    const { store, clock, history, open } = setUp();
    const purchases = [];
    for (let index = 0; index < 2000; index += 1) {
      clock.ms += minuteMs;
      const purchase = aPurchase({ placedMs: clock.ms - 500 });
      purchases.push(purchase);
      await history.append(purchase);
    }
    for (const index of [0, 1, 500, 1300, 1990, 1999]) {
      const purchase = purchases[index];
      const reader = open();
      const calls = await store.callsDuring(async () => {
        const found = await reader.find(ada, purchase?.purchaseId ?? '');
        expect(found?.purchase).toEqual(purchase);
      });
      // Hint, tail, three rounds of the search by time, one look.
      expect(calls.length).toBeLessThanOrEqual(6);
    }
  });

  test('of an id that is not there finds nothing', async () => {
    const { clock, history } = setUp();
    for (let index = 0; index < 100; index += 1) {
      clock.ms += minuteMs;
      await history.append(aPurchase({ placedMs: clock.ms }));
    }
    for (const ms of [startMs - minuteMs, startMs + 50 * minuteMs, clock.ms, clock.ms + minuteMs])
      expect(await history.find(ada, purchaseIdAt(ms))).toBeUndefined();
  });

  test('of an id from long ago that is not there does not read the log to its end', async () => {
    const { store, clock, history, open } = setUp();
    for (let index = 0; index < 2000; index += 1) {
      clock.ms += 60 * minuteMs;
      await history.append(aPurchase({ placedMs: clock.ms }));
    }
    for (const ms of [0, startMs + 1, startMs + 500 * minuteMs]) {
      const calls = await store.callsDuring(async () => {
        expect(await open().find(ada, purchaseIdAt(ms))).toBeUndefined();
      });
      expect(calls.length).toBeLessThanOrEqual(12);
    }
  });

  test('finds a purchase that waited long for its record', async () => {
    const { clock, history } = setUp();
    const late = aPurchase({ placedMs: startMs });
    for (let index = 0; index < 300; index += 1) {
      clock.ms += minuteMs;
      await history.append(index === 200 ? late : aPurchase({ placedMs: clock.ms }));
    }
    expect((await history.find(ada, late.purchaseId))?.purchase).toEqual(late);
  });

  test.each([-9, 9])('finds purchases although the clocks differ by %i minutes', async (minutes) => {
    const { clock, history, open } = setUp();
    const purchases = [];
    for (let index = 0; index < 100; index += 1) {
      clock.ms += minuteMs;
      purchases.push(aPurchase({ placedMs: clock.ms + minutes * minuteMs }));
      await history.append(purchases[index] ?? aPurchase());
    }
    for (const purchase of purchases) {
      expect((await open().find(ada, purchase.purchaseId))?.purchase).toEqual(purchase);
      expect(await open().append(purchase)).toBe('repeated');
    }
  });
});
