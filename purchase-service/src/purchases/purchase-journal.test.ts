import { describe, expect, test } from '@jest/globals';
import type { Purchase } from '@unity-purchase/contracts';
import { InvalidCursorError } from '@unity-purchase/numbered-log';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { aPurchase } from '../../test/fakes/purchases.js';
import { PurchaseJournal } from './purchase-journal.js';

function setUp() {
  const store = new MemoryLogStore();
  const clock = { ms: Date.UTC(2026, 0, 1) };
  const open = (instance: string) => new PurchaseJournal(store, () => new Date((clock.ms += 1)), instance);
  return { store, clock, open };
}

/** Adds a purchase as a replica does that has stored the place. */
async function enter(journal: PurchaseJournal | undefined, purchase: Purchase) {
  return journal?.append(purchase, await journal.place());
}

async function readAll(journal: PurchaseJournal, limit: number) {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await journal.page(limit, cursor);
    expect(page.purchases.length).toBeLessThanOrEqual(limit);
    ids.push(...page.purchases.map(({ purchaseId }) => purchaseId));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}

describe('PurchaseJournal', () => {
  test('merges the purchases of all replicas, newest first, page by page', async () => {
    const { open } = setUp();
    const replicas = ['a', 'b', 'c', 'd', 'e'].map(open);
    const placed: string[] = [];
    for (let index = 0; index < 60; index += 1) {
      const purchase = aPurchase({ shopperId: `shopper-${index % 7}` });
      placed.unshift(purchase.purchaseId);
      await enter(replicas[(index * index) % 5], purchase);
    }
    for (const limit of [1, 7, 60, 100]) expect(await readAll(open('reader'), limit)).toEqual(placed);
    expect((await open('reader').page(1, undefined)).totals).toEqual({ count: 60, sums: { EUR: 6000 } });
  });

  test('reads all purchases, newest first, in parts, from any cursor on', async () => {
    const { open } = setUp();
    const replicas = ['a', 'b', 'c', 'd', 'e'].map(open);
    const placed: string[] = [];
    for (let index = 0; index < 450; index += 1) {
      const purchase = aPurchase();
      placed.unshift(purchase.purchaseId);
      // One replica records much more than the others.
      await enter(replicas[index % 3 === 0 ? (index * index) % 5 : 0], purchase);
    }
    const read: string[] = [];
    const cursors: string[] = [];
    for await (const { purchases, next } of open('reader').newestFirst(undefined)) {
      read.push(...purchases.map(({ purchaseId }) => purchaseId));
      if (next !== undefined) cursors.push(`${read.length} ${next}`);
    }
    expect(read).toEqual(placed);
    expect(cursors.length).toBeGreaterThan(4);
    for (const each of cursors) {
      const [count, cursor] = each.split(' ');
      const rest: string[] = [];
      for await (const { purchases } of open('reader').newestFirst(cursor))
        rest.push(...purchases.map(({ purchaseId }) => purchaseId));
      expect(rest).toEqual(placed.slice(Number(count)));
    }
  });

  test('has a purchase once in a page when two replicas recorded it', async () => {
    const { open } = setUp();
    const purchase = aPurchase();
    await enter(open('a'), purchase);
    await enter(open('b'), purchase);
    expect((await open('a').page(10, undefined)).purchases).toHaveLength(1);
  });

  test('has a purchase once in a page when the same replica records it again', async () => {
    const { open } = setUp();
    const journal = open('a');
    const purchase = aPurchase();
    expect(await enter(journal, purchase)).toBe('recorded');
    expect(await enter(journal, purchase)).toBe('recorded');
    expect((await journal.page(10, undefined)).purchases).toHaveLength(1);
  });

  test('keeps the purchases of two shoppers with the same purchase id', async () => {
    const { open } = setUp();
    const journal = open('a');
    const purchase = aPurchase();
    await enter(journal, purchase);
    await enter(journal, { ...purchase, shopper: { id: 'eve', name: 'Eve' } });
    expect((await journal.page(10, undefined)).purchases).toHaveLength(2);
  });

  test('is empty without purchases, and refuses a cursor that no page returned', async () => {
    const { open } = setUp();
    expect(await open('a').page(10, undefined)).toEqual({ purchases: [], totals: { count: 0, sums: {} } });
    for (const cursor of ['', 'x', Buffer.from('1.0').toString('base64url')])
      await expect(open('a').page(10, cursor)).rejects.toThrow(InvalidCursorError);
  });
});

describe('PurchaseJournal by time', () => {
  const startMs = Date.UTC(2026, 0, 1);
  const minuteMs = 60_000;

  /** Three replicas take turns recording one purchase every minute. */
  async function aBusyShop(count: number) {
    const { store, clock, open } = setUp();
    const replicas = ['a', 'b', 'c'].map(open);
    const placed = [];
    for (let index = 0; index < count; index += 1) {
      clock.ms = startMs + index * minuteMs;
      const purchase = aPurchase({ shopperId: `shopper-${index % 7}`, placedMs: clock.ms });
      placed.push(purchase);
      await enter(replicas[(index * index) % 3], purchase);
    }
    return { store, open, placed };
  }

  test('starts a page with what was recorded before a time, and continues from there', async () => {
    const { open, placed } = await aBusyShop(300);
    const ids = placed.map(({ purchaseId }) => purchaseId);
    for (const before of [0, 1, 5, 100, 299, 300, 1000]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await open('reader').page(40, cursor, startMs + before * minuteMs);
        seen.push(...page.purchases.map(({ purchaseId }) => purchaseId));
        expect(page.totals.count).toBe(300);
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen.reverse()).toEqual(ids.slice(0, before));
    }
  });

  test('finds any purchase by its id alone in few calls', async () => {
    const { store, open, placed } = await aBusyShop(1500);
    for (const index of [0, 1, 700, 1480, 1499]) {
      const purchase = placed[index] ?? aPurchase();
      const calls = await store.callsDuring(async () => {
        const { found, totals } = await open('reader').find(purchase.purchaseId);
        expect(found).toMatchObject({ purchaseId: purchase.purchaseId, shopperId: purchase.shopper.id });
        expect(totals.count).toBe(1500);
      });
      expect(calls.length).toBeLessThanOrEqual(16 * 2 + 3 * 8);
    }
  });

  test('finds the first record of a purchase that two replicas recorded', async () => {
    const { open, clock } = setUp();
    const purchase = aPurchase({ placedMs: clock.ms });
    await enter(open('a'), purchase);
    const [first] = (await open('a').page(1, undefined)).purchases;
    await enter(open('b'), purchase);
    expect((await open('c').find(purchase.purchaseId)).found).toEqual(first);
  });

  test('reports whether the search was complete when it finds nothing', async () => {
    const { open, clock } = setUp();
    const journal = open('a');
    const missing = aPurchase({ placedMs: clock.ms });
    expect(await open('b').find(missing.purchaseId)).toMatchObject({ found: undefined, isComplete: true });
    for (let index = 0; index < 1800; index += 1) await enter(journal, aPurchase({ placedMs: clock.ms }));
    expect(await open('b').find(missing.purchaseId)).toMatchObject({ found: undefined, isComplete: false });
  });
});
