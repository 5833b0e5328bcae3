import { describe, expect, test } from '@jest/globals';
import { shopperKey, type Purchase, type PurchaseSearchResult } from '@unity-purchase/contracts';
import { InvalidCursorError } from '@unity-purchase/numbered-log';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { aPurchase, purchaseIdAt } from '../../test/fakes/purchases.js';
import { createFindPurchases } from './find-purchases.js';
import { PurchaseHistory } from './purchase-history.js';
import { PurchaseJournal } from './purchase-journal.js';

const startMs = Date.UTC(2026, 0, 1);

function setUp() {
  const store = new MemoryLogStore();
  const clock = { ms: startMs };
  const now = () => new Date(clock.ms);
  const replicas = ['a', 'b', 'c'].map((name) => new PurchaseJournal(store, now, name));
  const history = new PurchaseHistory(store, now);
  /** Records a purchase in the history and in the journal, by one replica after the other. */
  const record = async (purchase: Purchase) => {
    clock.ms += 1_000;
    await history.append(purchase);
    const journal = replicas[Math.floor(clock.ms / 1_000) % replicas.length];
    await journal?.append(purchase, await journal.place());
  };
  const find = createFindPurchases({ journal: new PurchaseJournal(store, now, 'reader'), history, now });
  /** Removes the names, as version 0.1.0 stored purchases in the journal. */
  const removeNames = () => {
    for (const [key, text] of store.values)
      if (key.startsWith('journal:')) store.values.set(key, text.replaceAll(/"shopperName":"[^"]*",/g, ''));
  };
  return { store, clock, history, record, find, removeNames };
}

const shoppersIn = ({ purchases }: PurchaseSearchResult) => purchases.map(({ shopperId }) => shopperId);

/** All that a search by name finds, and how many searches that took. */
async function findAll(find: ReturnType<typeof setUp>['find'], name: string) {
  const shoppers: string[] = [];
  let searches = 0;
  let count = 0;
  let cursor: string | undefined;
  do {
    const result = await find({ name, ...(cursor === undefined ? {} : { cursor }) });
    expect(result.isComplete).toBe(result.next === undefined);
    shoppers.push(...shoppersIn(result));
    count += result.searched?.count ?? 0;
    searches += 1;
    cursor = result.next;
  } while (cursor !== undefined);
  return { shoppers, searches, count };
}

describe('a search by name', () => {
  test('finds each shopper once, with the newest purchase, whatever the case and the accents are', async () => {
    const { record, find } = setUp();
    const zoe = (name: string) => aPurchase({ shopperId: 'zoe', name });
    const newest = zoe('Zoë Meier');
    await record(aPurchase({ shopperId: 'zora', name: 'ZOE Schmidt' }));
    await record(zoe('Zoë Müller'));
    await record(aPurchase({ shopperId: 'eve', name: 'Eve' }));
    await record(newest);
    const result = await find({ name: 'zoe' });
    expect(shoppersIn(result)).toEqual(['zoe', 'zora']);
    expect(result.purchases[0]).toMatchObject({ purchaseId: newest.purchaseId, shopperName: 'Zoë Meier' });
    expect(result).toMatchObject({
      isComplete: true,
      searched: { count: 4, backTo: new Date(startMs + 1_000).toISOString() },
    });
    // Under an earlier name, too.
    expect(shoppersIn(await find({ name: 'mueller' }))).toEqual(['zoe']);
    expect(shoppersIn(await find({ name: 'nobody' }))).toEqual([]);
    expect(await setUp().find({ name: 'zoe' })).toEqual({
      purchases: [],
      isComplete: true,
      searched: { count: 0 },
    });
  });

  test('ends early and continues with older purchases at its cursor, without missing any', async () => {
    const { store, record, find } = setUp();
    for (let index = 0; index < 700; index += 1)
      await record(aPurchase({ shopperId: `shopper-${index}`, name: index % 20 === 0 ? 'Ada' : 'Eve' }));
    const ada = await findAll(find, 'ada');
    const expected = Array.from({ length: 35 }, (_, index) => `shopper-${680 - index * 20}`);
    expect(ada).toEqual({ shoppers: expected, searches: 2, count: 700 });
    const calls = await store.callsDuring(() => find({ name: 'nobody' }));
    // Three shards with about 233 segments each, and thirteen without any.
    expect(calls.length).toBeLessThanOrEqual(16 + 16 + 9);
    // Many may match at once.
    expect((await find({ name: 'e' })).purchases.length).toBeLessThanOrEqual(120);
  });

  test('ends after a while, however many purchases there are', async () => {
    const { clock, record, find } = setUp();
    for (let index = 0; index < 300; index += 1) await record(aPurchase({ name: 'Eve' }));
    const real = clock.ms;
    Object.defineProperty(clock, 'ms', { get: () => (time += 1_000) });
    let time = real;
    const result = await find({ name: 'ada' });
    expect(result.isComplete).toBe(false);
    expect(result.searched?.count).toBeLessThan(300);
  });

  test('reads the names that version 0.1.0 did not store in the journal, some at a time', async () => {
    const { record, find, removeNames } = setUp();
    for (let index = 0; index < 260; index += 1)
      await record(aPurchase({ shopperId: `shopper-${index}`, name: index === 3 ? 'Ada' : 'Eve' }));
    removeNames();
    await record(aPurchase({ shopperId: 'newest', name: 'Ada' }));
    expect(await findAll(find, 'ada')).toEqual({
      shoppers: ['newest', 'shopper-3'],
      searches: 2,
      count: 261,
    });
  });

  test('does not find a shopper whose history is erased and whose old entries are still there', async () => {
    const { record, find, removeNames, history } = setUp();
    await record(aPurchase({ name: 'Ada' }));
    removeNames();
    await history.erase(shopperKey('ada'));
    expect(await find({ name: 'ada' })).toMatchObject({ purchases: [], isComplete: true });
  });

  test('refuses a cursor that does not come from it, and stops when it is cancelled', async () => {
    const { record, find } = setUp();
    await record(aPurchase());
    for (const cursor of ['', 'x', Buffer.from('1.0').toString('base64url')])
      await expect(find({ name: 'ada', cursor })).rejects.toThrow(InvalidCursorError);
    await expect(find({ name: 'ada' }, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
  });
});

describe('a search by the start of a number', () => {
  test('finds every purchase whose number begins so, newest first, however long ago it was', async () => {
    const { clock, record, find } = setUp();
    const minuteMs = 0x10000;
    const firstMs = Math.ceil(startMs / minuteMs) * minuteMs;
    const early = [0, 1, 2].map((index) => aPurchase({ purchaseId: purchaseIdAt(firstMs + index) }));
    clock.ms = firstMs;
    for (const purchase of early) await record(purchase);
    await record(aPurchase({ purchaseId: purchaseIdAt(firstMs + minuteMs) }));
    for (let index = 0; index < 400; index += 1)
      await record(aPurchase({ purchaseId: purchaseIdAt(clock.ms + 10 * minuteMs) }));
    const numberStart = early[0]?.purchaseId.slice(0, 8) ?? '';
    const { purchases, isComplete } = await find({ numberStart });
    expect(purchases.map(({ purchaseId }) => purchaseId)).toEqual(
      early.map(({ purchaseId }) => purchaseId).toReversed(),
    );
    expect(isComplete).toBe(true);
  });

  test('says that there may be others if there are many', async () => {
    const { record, find } = setUp();
    const many = Array.from({ length: 25 }, (_, index) =>
      aPurchase({ purchaseId: purchaseIdAt(startMs + index), shopperId: `shopper-${index % 3}` }),
    );
    for (const purchase of many) await record(purchase);
    const { purchases, isComplete } = await find({ numberStart: many[0]?.purchaseId.slice(0, 8) ?? '' });
    expect(purchases).toHaveLength(20);
    expect(isComplete).toBe(false);
  });

  test('finds a number without a time among the newest purchases', async () => {
    const { record, find } = setUp();
    const purchaseId = '000cbddf-6bf3-7da2-b6eb-386fbd709c16';
    await record(aPurchase({ purchaseId }));
    await record(aPurchase());
    expect(await find({ numberStart: '000cbddf' })).toMatchObject({
      purchases: [{ purchaseId }],
      isComplete: true,
    });
    expect(await find({ numberStart: '000cbdde' })).toEqual({ purchases: [], isComplete: true });
  });
});
