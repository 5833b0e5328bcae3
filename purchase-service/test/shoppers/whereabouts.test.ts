import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import {
  clockDifferenceMaxMs,
  purchasePlaced,
  shopperKey,
  type Purchase,
  type ShopperExportStreamLine,
} from '@unity-purchase/contracts';
import { InvalidCursorError } from '@unity-purchase/numbered-log';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { decodePosition, startOfRecords } from '../../src/shoppers/records-position.js';
import { aPurchase } from '../fakes/purchases.js';
import { replicasOver } from '../fakes/replicas.js';

const startMs = Date.UTC(2026, 0, 1);
/** A shopper id that occurs nowhere else in the store. */
const ada = 'ada-lovelace';
const adaKey = shopperKey(ada);

/** The keys and values that version 0.1.0 stored. */
const storedBefore = JSON.parse(
  await readFile(new URL('../storage/stored-values.json', import.meta.url), 'utf8'),
) as Record<string, string>;

function setUp() {
  const store = new MemoryLogStore();
  const clock = { ms: startMs };
  return { store, clock, open: replicasOver(store, clock) };
}

type Replica = ReturnType<ReturnType<typeof setUp>['open']>;

const record = ({ recordPurchase }: Replica, purchase: Purchase) => recordPurchase(purchasePlaced(purchase));

const buys = (change: Parameters<typeof aPurchase>[0] = {}) => aPurchase({ shopperId: ada, ...change });

const keep = ({ deadLetters }: Replica, content: object | string) =>
  deadLetters.keep(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));

async function exported({ shopperRecords }: Replica, shopper = adaKey, cursor?: string) {
  const lines: ShopperExportStreamLine[] = [];
  const from = cursor === undefined ? startOfRecords(shopper) : decodePosition(cursor, shopper);
  for await (const line of shopperRecords.export(shopper, from)) lines.push(line);
  return lines;
}

async function counts(replica: Replica, shopper = adaKey) {
  const end = (await exported(replica, shopper)).at(-1);
  return end?.kind === 'end' ? [end.purchases, end.journalEntries, end.deadLetters] : [];
}

const leftOf = (store: MemoryLogStore, ...texts: string[]) =>
  [...store.values].filter(([key, value]) => texts.some((text) => `${key} ${value}`.includes(text)));

/** Makes the next create in the journal wait. */
function holdJournal(store: MemoryLogStore) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let reached = (): void => undefined;
  const isHeld = new Promise<void>((resolve) => (reached = resolve));
  store.beforeCreate = async (key) => {
    if (!key.startsWith('journal:')) return;
    reached();
    await released;
  };
  return { isHeld, release };
}

describe('the entries of a shopper in the journal', () => {
  test('are found after another replica added the purchase on its second delivery', async () => {
    const { store, clock, open } = setUp();
    const purchase = buys();
    store.beforeCreate = (key) => {
      if (key.startsWith('journal:')) store.createFaults.push('refuse');
    };
    await expect(record(open('replica-1'), purchase)).rejects.toThrow();
    store.beforeCreate = () => undefined;
    expect(await record(open('replica-2'), purchase)).toBe('duplicate');
    expect(await counts(open('reader'))).toEqual([1, 1, 0]);
    clock.ms += 2 * 60 * 60_000;
    await open('eraser').shopperRecords.erase(adaKey);
    expect(leftOf(store, ada, purchase.purchaseId)).toEqual([]);
  });

  test('are one for each purchase, however often and by however many replicas it is delivered', async () => {
    const { open } = setUp();
    const purchase = buys();
    const replicas = ['replica-1', 'replica-2', 'replica-3'].map(open);
    for (const replica of [...replicas, ...replicas, open('replica-1')]) await record(replica, purchase);
    expect(await counts(open('reader'))).toEqual([1, 1, 0]);
  });

  test('are found when the shard has outgrown the place that the history has', async () => {
    const { store, clock, open } = setUp();
    const [one, other] = [open('replica-1'), open('replica-1')];
    await record(one, aPurchase());
    await record(other, aPurchase());
    const purchase = buys();
    const recording = record(one, purchase);
    // The other process has the same name, so it appends to the same shard.
    const busy = new Promise<void>((resolve, reject) => {
      store.beforeCreate = async (key) => {
        if (!key.startsWith('journal:')) return;
        store.beforeCreate = () => undefined;
        for (let count = 0; count < 60; count += 1) await record(other, aPurchase()).catch(reject);
        resolve();
      };
    });
    expect(await recording).toBe('recorded');
    await busy;
    expect(await counts(open('reader'))).toEqual([1, 1, 0]);
    clock.ms += 2 * 60 * 60_000;
    await open('eraser').shopperRecords.erase(adaKey);
    expect(leftOf(store, ada, purchase.purchaseId)).toEqual([]);
  });

  test('that are written while an erasure runs are found by the next erasure', async () => {
    const { store, clock, open } = setUp();
    const purchase = buys();
    const held = holdJournal(store);
    const recording = record(open('replica-1'), purchase);
    await held.isHeld;
    clock.ms += clockDifferenceMaxMs + 1;
    expect(await open('eraser').shopperRecords.erase(adaKey)).toMatchObject({
      purchases: 1,
      journalEntries: 0,
    });
    held.release();
    await recording;
    expect(leftOf(store, ada)).toHaveLength(1);
    clock.ms += 35_000;
    expect(await open('eraser').shopperRecords.erase(adaKey)).toMatchObject({
      purchases: 0,
      journalEntries: 1,
    });
    expect(leftOf(store, ada, purchase.purchaseId)).toEqual([]);
    // What is left for yet another erasure says nothing about the purchase, and goes with an erasure an hour later.
    const index = () => leftOf(store, 'shopper-index:').filter(([, value]) => value.includes('"kind"'));
    expect(index()).toHaveLength(1);
    clock.ms += 60 * 60_000;
    await open('eraser').shopperRecords.erase(adaKey);
    expect(index()).toEqual([]);
  });

  test('are recorded and found although the journal is damaged at first', async () => {
    const { store, open } = setUp();
    await record(open('replica-1'), aPurchase());
    const [damaged] = [...store.values.keys()].filter((key) => /^journal:\d+:1$/.test(key));
    const text = store.values.get(damaged ?? '') ?? '';
    store.values.set(damaged ?? '', 'nonsense');
    const purchase = buys();
    await expect(record(open('replica-1'), purchase)).rejects.toThrow();
    expect(await open('replica-2').history.find(adaKey, purchase.purchaseId)).toBeDefined();
    store.values.set(damaged ?? '', text);
    expect(await record(open('replica-1'), purchase)).toBe('duplicate');
    expect(await counts(open('reader'))).toEqual([1, 1, 0]);
  });
});

describe('the dead letters of a shopper', () => {
  test.each<[what: string, letter: object | string]>([
    ['that is a valid event', purchasePlaced(buys())],
    ['of another type', { ...purchasePlaced(buys()), type: 'purchase.placed.v9' }],
    ['that only contains the id', { to: [{ someone: 'else' }, ada] }],
    ['that is not JSON', `{"half": "${ada}", `],
    [
      'with hundreds of texts',
      { texts: Array.from({ length: 500 }, (_, index) => `text ${index}`), to: ada },
    ],
    ['of 200 KB', { ...purchasePlaced(buys()), padding: 'x'.repeat(200_000) }],
  ])('include one %s, which an erasure erases', async (_what, letter) => {
    const { store, open } = setUp();
    await keep(open('replica-1'), letter);
    await keep(open('replica-1'), { to: 'bob' });
    expect(await counts(open('reader'))).toEqual([0, 0, 1]);
    expect(await open('eraser').shopperRecords.erase(adaKey)).toMatchObject({ deadLetters: 1 });
    expect([...store.values.keys()].filter((key) => key.startsWith('dead-letter:'))).toHaveLength(1);
    expect((await open('reader').deadLetters.page(10, undefined)).deadLetters).toHaveLength(1);
    expect(await counts(open('reader'))).toEqual([0, 0, 0]);
  });

  test('do not include a valid purchase of another shopper that contains the id: it must not be lost', async () => {
    const { open } = setUp();
    const purchase = aPurchase({ shopperId: 'bob', name: ada });
    await keep(open('replica-1'), { ...purchasePlaced(purchase), greeting: ada });
    await open('eraser').shopperRecords.erase(adaKey);
    expect(await counts(open('reader'), shopperKey('bob'))).toEqual([0, 0, 1]);
  });

  test('do not include everyone’s for a shopper who is called like a word of the format', async () => {
    const { open } = setUp();
    for (const shopperId of ['data', 'bob'])
      await keep(open('replica-1'), {
        ...purchasePlaced(aPurchase({ shopperId })),
        type: 'purchase.placed.v9',
      });
    expect(await counts(open('reader'), shopperKey('data'))).toEqual([0, 0, 1]);
  });

  test('that arrive while an erasure runs are found by the next erasure', async () => {
    const { store, clock, open } = setUp();
    const letter = { to: ada };
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let reached = (): void => undefined;
    const isHeld = new Promise<void>((resolve) => (reached = resolve));
    store.beforeCreate = async (key) => {
      if (!key.startsWith('dead-letter:')) return;
      reached();
      await released;
    };
    const keeping = keep(open('replica-1'), letter);
    await isHeld;
    await open('eraser').shopperRecords.erase(adaKey);
    release();
    await keeping;
    expect(await counts(open('reader'))).toEqual([0, 0, 1]);
    clock.ms += 35_000;
    expect(await open('eraser').shopperRecords.erase(adaKey)).toMatchObject({ deadLetters: 1 });
    expect(leftOf(store, ada)).toEqual([]);
    expect((await open('reader').deadLetters.page(10, undefined)).deadLetters).toEqual([]);
  });
});

describe('what version 0.1.0 stored', () => {
  const shopper = shopperKey('ada');

  function anUpgradedShop() {
    const shop = setUp();
    for (const [key, text] of Object.entries(storedBefore)) shop.store.values.set(key, text);
    return shop;
  }

  test('is exported and erased, with what this version adds to it', async () => {
    const { store, clock, open } = anUpgradedShop();
    expect(await counts(open('reader'), shopper)).toEqual([16, 2, 1]);
    clock.ms += 1_000;
    await record(open('replica-1'), aPurchase({ placedMs: clock.ms }));
    await keep(open('replica-1'), purchasePlaced(aPurchase({ placedMs: clock.ms })));
    expect(await counts(open('reader'), shopper)).toEqual([17, 3, 2]);
    clock.ms += clockDifferenceMaxMs;
    expect(await open('eraser').shopperRecords.erase(shopper)).toMatchObject({
      purchases: 17,
      journalEntries: 3,
      deadLetters: 2,
    });
    expect(leftOf(store, '"ada"', 'Ada')).toEqual([]);
    expect(await counts(open('reader'), shopper)).toEqual([0, 0, 0]);
  });

  test('continues where an erasure was interrupted, instead of being read again', async () => {
    const { store, open } = anUpgradedShop();
    const lines = async (cursor?: string) => {
      const from = cursor === undefined ? undefined : decodePosition(cursor, shopper);
      const all: { kind: string; cursor?: string | undefined }[] = [];
      for await (const line of open('eraser').shopperRecords.eraseInSteps(shopper, from)) all.push(line);
      return all;
    };
    const cursors = (await lines()).flatMap(({ cursor }) => cursor ?? []);
    expect(cursors.length).toBeGreaterThan(1);
    expect((await lines(cursors.at(-1))).at(-1)).toMatchObject({
      kind: 'end',
      purchases: 16,
      journalEntries: 2,
    });
    const [whole, rest] = [
      await store.callsDuring(() => lines()),
      await store.callsDuring(() => lines(cursors.at(-1))),
    ];
    expect(rest.length).toBeLessThan(whole.length);
  });
});

describe('an interrupted export', () => {
  test('continues at any of its cursors: together, both parts are the whole export', async () => {
    const { clock, store, open } = setUp();
    const replica = open('replica-1');
    for (let count = 0; count < 250; count += 1) {
      clock.ms += 1_000;
      await record(replica, buys({ placedMs: clock.ms }));
    }
    for (let count = 0; count < 3; count += 1) await keep(replica, { to: ada, count });
    const whole = await exported(open('reader'));
    const data = (lines: readonly ShopperExportStreamLine[]) =>
      lines.filter(({ kind }) => kind !== 'progress');
    let cursors = 0;
    let cheapest = Infinity;
    for (const [index, line] of whole.entries()) {
      if (line.kind !== 'progress' || line.cursor === undefined) continue;
      cursors += 1;
      const { cursor } = line;
      const calls = await store.callsDuring(async () => {
        const rest = await exported(open('reader'), adaKey, cursor);
        expect([...data(whole.slice(0, index)), ...data(rest)]).toEqual(data(whole));
      });
      cheapest = calls.length;
    }
    expect(cursors).toBeGreaterThanOrEqual(4);
    const all = await store.callsDuring(() => exported(open('reader')));
    expect(cheapest).toBeLessThan(all.length);
  });

  test('does not continue with a cursor of another shopper, or with something else', () => {
    for (const cursor of ['', 'x', Buffer.from('{}').toString('base64url')])
      expect(() => decodePosition(cursor, adaKey)).toThrow(InvalidCursorError);
    const ofBob = Buffer.from(JSON.stringify(startOfRecords(shopperKey('bob')))).toString('base64url');
    expect(() => decodePosition(ofBob, adaKey)).toThrow(InvalidCursorError);
  });
});
