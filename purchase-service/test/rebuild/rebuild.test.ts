import { describe, expect, test } from '@jest/globals';
import {
  purchasePlaced,
  shopperKey,
  type HistoryPage,
  type Purchase,
  type RebuildDifference,
  type RebuildLine,
  type RebuildTarget,
} from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { PurchaseJournal } from '../../src/purchases/purchase-journal.js';
import { ShopperIndex } from '../../src/shoppers/shopper-index.js';
import { noCounts, type RebuildOptions } from '../../src/rebuild/rebuild-options.js';
import { decodeRebuildPosition, startOfRebuild } from '../../src/rebuild/rebuild-position.js';
import { aPurchase } from '../fakes/purchases.js';
import { replicasOver } from '../fakes/replicas.js';

const startMs = Date.UTC(2026, 0, 1);
const ada = shopperKey('ada');
const hourMs = 60 * 60_000;

/** Ada has bought three mugs and Bob two, an hour ago, each a minute after the other. */
async function aShop() {
  const store = new MemoryLogStore();
  const clock = { ms: startMs };
  const open = replicasOver(store, clock);
  const replica = open('replica-1');
  const purchases: Purchase[] = [];
  const buy = async (shopperId: string) => {
    clock.ms += 60_000;
    const purchase = aPurchase({ shopperId, placedMs: clock.ms });
    expect(await replica.recordPurchase(purchasePlaced(purchase))).toBe('recorded');
    purchases.push(purchase);
    return purchase;
  };
  for (const shopper of ['ada', 'bob', 'ada', 'bob', 'ada']) await buy(shopper);
  const recordedMs = clock.ms;
  clock.ms += hourMs;
  /** What a replica that has just started finds. */
  const compare = async (target: RebuildTarget, change: Partial<RebuildOptions> = {}, cursor?: string) => {
    const options = {
      target,
      isRepairing: false,
      replacesUnreadable: false,
      removesUnknown: false,
      ...change,
    };
    const from = cursor === undefined ? startOfRebuild(target) : decodeRebuildPosition(cursor, target);
    const lines: RebuildLine[] = [];
    const progress = { kind: 'progress', ...noCounts() } as const;
    const { checkSegments, compareJournal } = open('replica-1');
    const damages: RebuildDifference[] = [];
    if (cursor === undefined) for await (const damage of checkSegments(options)) damages.push(damage);
    for await (const line of compareJournal(options, from, progress)) lines.push(line);
    const entries = lines.filter((line): line is RebuildDifference => line.kind === 'difference');
    const end = lines.at(-1);
    if (end?.kind !== 'end') throw new Error('a comparison has no end');
    return { lines, differences: [...damages, ...entries], end };
  };
  const compareEvents = (bought: readonly Purchase[], isRepairing: boolean) =>
    open('replica-1').compareEvents(
      bought.map((purchase) => JSON.stringify(purchasePlaced(purchase))),
      { isRepairing },
    );
  const keysOf = (log: string) => [...store.values.keys()].filter((key) => key.startsWith(`${log}:`));
  const journalKeyOf = ({ purchaseId }: Purchase) =>
    [...store.values].find(([key, value]) => key.startsWith('journal:') && value.includes(purchaseId))?.[0] ??
    '';
  const adas = purchases.filter(({ shopper }) => shopper.id === 'ada');
  return {
    store,
    clock,
    open,
    replica,
    buy,
    purchases,
    adas,
    recordedMs,
    compare,
    compareEvents,
    keysOf,
    journalKeyOf,
  };
}

type Shop = Awaited<ReturnType<typeof aShop>>;

const whatIn = ({ difference, purchaseId, segment, repaired }: RebuildDifference) => ({
  difference,
  ...(purchaseId === undefined ? {} : { purchaseId }),
  ...(segment === undefined ? {} : { segment }),
  repaired,
});

/** What an operator and Ada see, as a replica that has just started reads it. */
async function seen({ open }: Shop) {
  const { history, searchPurchases } = open('reader');
  const page = await history.page(ada, 20, undefined);
  const journal = await searchPurchases({ limit: 20 });
  return {
    ids: page.purchases.map(({ purchase }) => purchase.purchaseId),
    totals: page.totals,
    journalIds: journal.purchases.map(({ purchaseId }) => purchaseId).sort(),
    journalCount: journal.totals.count,
  };
}

/** The ids of Ada's purchases, read page by page by a process that remembers nothing. */
async function readIds({ open }: Shop, limit: number): Promise<string[]> {
  const { history } = open('reader');
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page: HistoryPage = await history.page(ada, limit, cursor);
    ids.push(...page.purchases.map(({ purchase }) => purchase.purchaseId));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}

function deleted({ store }: Shop, key: string): void {
  store.values.delete(key);
}

function overwritten({ store }: Shop, key: string): void {
  store.values.set(key, 'foreign');
}

/** Takes a purchase out of its segment, as a careless repair by hand would. */
function takeOut({ store }: Shop, key: string): void {
  const segment = JSON.parse(store.values.get(key) ?? '') as { entries: unknown[] };
  store.values.set(key, JSON.stringify({ ...segment, entries: segment.entries.map(() => null) }));
}

describe.each(['history', 'journal'] as const)('the comparison of the %s', (target) => {
  test('finds no difference in a shop without damage, and reads all of it', async () => {
    const { compare } = await aShop();
    const { differences, end } = await compare(target);
    expect([differences, end]).toEqual([
      [],
      { kind: 'end', entries: 5, shoppers: 2, recent: 0, differences: 0, repaired: 0 },
    ]);
  });

  test('changes nothing in the store without a repair', async () => {
    const shop = await aShop();
    shop.store.values.set(shop.journalKeyOf(shop.purchases[1] ?? aPurchase()), '?');
    shop.store.values.delete(`history:${ada}:3`);
    const before = new Map(shop.store.values);
    expect((await shop.compare(target)).differences).not.toEqual([]);
    expect(shop.store.values).toEqual(before);
  });

  test('continues at any of its cursors, and comes to the same end', async () => {
    const shop = await aShop();
    shop.store.values.delete(shop.journalKeyOf(shop.adas[2] ?? aPurchase()));
    shop.store.values.delete(`history:${shopperKey('bob')}:2`);
    const { lines, end } = await shop.compare(target);
    const cursors = lines.flatMap((line) => (line.kind === 'progress' ? (line.cursor ?? []) : []));
    expect(cursors.length).toBeGreaterThan(0);
    for (const cursor of cursors) {
      const rest = await shop.compare(target, {}, cursor);
      expect(rest.end.differences).toBe(end.differences);
      expect(rest.end.entries).toBe(end.entries);
    }
  });

  test('stops when it is cancelled', async () => {
    const { open, store } = await aShop();
    const client = new AbortController();
    const options = { target, isRepairing: false, replacesUnreadable: false, removesUnknown: false };
    const progress = { kind: 'progress', ...noCounts() } as const;
    const lines = open('replica-1').compareJournal(options, startOfRebuild(target), progress, client.signal);
    await lines.next();
    client.abort();
    const calls = await store.callsDuring(async () => {
      await expect(
        (async () => {
          for await (const _line of lines);
        })(),
      ).rejects.toThrow();
    });
    expect(calls).toEqual([]);
  });
});

describe('the repair of the journal', () => {
  test('adds what a lost end of a shard contained', async () => {
    const shop = await aShop();
    const before = await seen(shop);
    const lost = shop.purchases.slice(3);
    for (const purchase of lost) shop.store.values.delete(shop.journalKeyOf(purchase));
    expect((await shop.compare('journal')).differences.map(whatIn)).toEqual(
      expect.arrayContaining(
        lost.map(({ purchaseId }) => ({ difference: 'lacks', purchaseId, repaired: false })),
      ),
    );
    const { end } = await shop.compare('journal', { isRepairing: true });
    expect(end).toMatchObject({ differences: 2, repaired: 2 });
    expect((await shop.compare('journal')).differences).toEqual([]);
    expect(await seen(shop)).toEqual(before);
  });

  test.each([
    ['missing', deleted],
    ['unreadable', overwritten],
  ])('replaces a segment that is %s, and adds what it contained', async (difference, damage) => {
    const shop = await aShop();
    const before = await seen(shop);
    const [, lost = aPurchase()] = shop.purchases;
    damage(shop, shop.journalKeyOf(lost));
    const lacks = { difference: 'lacks', purchaseId: lost.purchaseId };
    expect((await shop.compare('journal')).differences.map(whatIn)).toEqual([
      { difference, segment: 2, repaired: false },
      { ...lacks, repaired: false },
    ]);
    expect(
      (await shop.compare('journal', { isRepairing: true, replacesUnreadable: true })).differences.map(
        whatIn,
      ),
    ).toEqual([
      { difference, segment: 2, repaired: true },
      { ...lacks, repaired: true },
    ]);
    expect((await shop.compare('journal')).differences).toEqual([]);
    expect(await seen(shop)).toEqual(before);
  });

  test('leaves an unreadable segment alone without permission, and goes on', async () => {
    const shop = await aShop();
    const [first = aPurchase()] = shop.purchases;
    shop.store.values.set(shop.journalKeyOf(first), 'foreign');
    const { end } = await shop.compare('journal', { isRepairing: true });
    expect(end).toMatchObject({ entries: 4, shoppers: 2, differences: 1, repaired: 0 });
    expect([...shop.store.values.values()]).toContain('foreign');
  });

  test('removes a losing entry and one of an erased shopper, and keeps repeats', async () => {
    const shop = await aShop();
    const before = await seen(shop);
    const [bought = aPurchase()] = shop.adas;
    shop.clock.ms = shop.recordedMs;
    const other = new PurchaseJournal(shop.store, () => new Date(shop.clock.ms), 'replica-2');
    const losing = aPurchase({ ...bought, unitPrice: 999, purchaseId: bought.purchaseId, placedMs: startMs });
    const left = aPurchase({ shopperId: 'carol', placedMs: startMs });
    const index = new ShopperIndex(shop.store, () => new Date(shop.clock.ms));
    await index.addJournalEntry(ada, bought.purchaseId, await other.place());
    for (const purchase of [bought, losing, left]) await other.append(purchase, await other.place());
    shop.clock.ms += hourMs;
    await shop.open('eraser').erasures.record(shopperKey('carol'), new Date(shop.clock.ms).toISOString());
    const found = [
      { difference: 'losing', purchaseId: bought.purchaseId },
      { difference: 'erased', purchaseId: left.purchaseId },
    ];
    const { differences } = await shop.compare('journal', { isRepairing: true });
    expect(differences.map(whatIn)).toEqual(found.map((each) => ({ ...each, repaired: true })));
    expect((await shop.compare('journal')).differences).toEqual([]);
    expect((await seen(shop)).journalIds).toEqual(before.journalIds);
  });

  test('removes the last trace of a purchase only with permission', async () => {
    const shop = await aShop();
    const [, , lost = aPurchase()] = shop.adas;
    shop.store.values.delete(`history:${ada}:3`);
    const unknown = { difference: 'unknown', purchaseId: lost.purchaseId };
    expect((await shop.compare('journal', { isRepairing: true })).differences.map(whatIn)).toEqual([
      { ...unknown, repaired: false },
    ]);
    const { differences } = await shop.compare('journal', { isRepairing: true, removesUnknown: true });
    expect(differences.map(whatIn)).toEqual([{ ...unknown, repaired: true }]);
    expect((await shop.compare('journal')).differences).toEqual([]);
  });

  test('leaves alone what may still be on its way', async () => {
    const shop = await aShop();
    const bought = await shop.buy('ada');
    shop.store.values.delete(shop.journalKeyOf(bought));
    const { differences, end } = await shop.compare('journal', { isRepairing: true });
    expect([differences, end.recent]).toEqual([[], 1]);
    shop.clock.ms += hourMs;
    expect((await shop.compare('journal')).differences.map(whatIn)).toEqual([
      { difference: 'lacks', purchaseId: bought.purchaseId, repaired: false },
    ]);
  });

  test('adds nothing about a shopper whose erasure runs meanwhile that the repeated erasure would miss', async () => {
    for (const meanwhile of ['while histories are read', 'before the entry is added']) {
      const shop = await aShop();
      const { store } = shop;
      const [lost = aPurchase()] = shop.adas;
      shop.store.values.delete(shop.journalKeyOf(lost));
      const eraser = shop.open('eraser').shopperRecords;
      const erase = async () => {
        store.getBulk = read;
        store.beforeCreate = () => undefined;
        await eraser.erase(ada);
      };
      const read = store.getBulk.bind(store);
      if (meanwhile === 'before the entry is added')
        store.beforeCreate = (key) => (key.startsWith('shopper-index:') ? erase() : undefined);
      else
        store.getBulk = async (keys, options) => {
          const values = await read(keys, options);
          if (keys.includes(`history:${ada}:1`)) await erase();
          return values;
        };
      await shop.compare('journal', { isRepairing: true });
      shop.clock.ms += 35_000;
      await eraser.erase(ada);
      expect([meanwhile, [...store.values].filter(([, value]) => value.includes('"ada"'))]).toEqual([
        meanwhile,
        [],
      ]);
    }
  });

  test('finds a shopper whose entries are all lost when they are named', async () => {
    const shop = await aShop();
    for (const purchase of shop.adas) shop.store.values.set(shop.journalKeyOf(purchase), '?');
    await shop.compare('journal', { isRepairing: true, replacesUnreadable: true });
    const options = {
      target: 'journal',
      isRepairing: true,
      replacesUnreadable: false,
      removesUnknown: false,
    } as const;
    const found: RebuildDifference[] = [];
    for await (const difference of shop.open('replica-1').compareHistory(ada, options, noCounts()))
      found.push(difference);
    expect(found.map(whatIn)).toEqual(
      shop.adas.map(({ purchaseId }) => ({ difference: 'lacks', purchaseId, repaired: true })),
    );
    expect((await shop.compare('journal')).differences).toEqual([]);
  });
});

describe('the repair of the histories', () => {
  test('records a lost purchase from its event, once', async () => {
    const shop = await aShop();
    const before = await seen(shop);
    const [, , lost = aPurchase()] = shop.adas;
    shop.store.values.delete(`history:${ada}:3`);
    const lacks = { difference: 'lacks', purchaseId: lost.purchaseId };
    expect((await shop.compare('history', { isRepairing: true })).differences.map(whatIn)).toEqual([
      { ...lacks, repaired: false },
    ]);
    expect((await shop.compareEvents(shop.purchases, false)).differences.map(whatIn)).toEqual([
      { ...lacks, repaired: false },
    ]);
    const repaired = await shop.compareEvents([...shop.purchases, lost], true);
    expect(repaired.differences.map(whatIn)).toEqual([{ ...lacks, repaired: true }]);
    expect(repaired.recorded).toBe(5);
    expect((await shop.compare('history')).differences).toEqual([]);
    const { journalCount: _count, ...after } = await seen(shop);
    expect(before).toMatchObject(after);
  });

  test('leaves no entry of the journal that an erasure would miss, once the journal is repaired, too', async () => {
    const shop = await aShop();
    const [, , lost = aPurchase()] = shop.adas;
    shop.store.values.delete(`history:${ada}:3`);
    await shop.compareEvents(shop.purchases, true);
    shop.clock.ms += hourMs;
    const { differences } = await shop.compare('journal', { isRepairing: true });
    expect(differences.map(whatIn)).toEqual([
      { difference: 'stray', purchaseId: lost.purchaseId, repaired: true },
    ]);
    expect((await shop.compare('journal')).differences).toEqual([]);
    await shop.open('eraser').shopperRecords.erase(ada);
    expect([...shop.store.values.values()].filter((value) => value.includes('"ada"'))).toEqual([]);
  });

  test.each([
    ['missing', 2, deleted],
    ['unreadable', 1, overwritten],
    ['totals', 2, takeOut],
  ] as const)('repairs a segment that is damaged: %s', async (difference, segment, damage) => {
    const shop = await aShop();
    const before = await seen(shop);
    const lost = shop.adas[segment - 1] ?? aPurchase();
    damage(shop, `history:${ada}:${segment}`);
    const found = (await shop.compare('history')).differences;
    expect(found.filter(({ segment: number }) => number !== undefined)).toEqual([
      {
        kind: 'difference',
        in: 'history',
        difference,
        shopper: ada,
        log: `history:${ada}`,
        segment,
        repaired: false,
      },
    ]);
    expect(found.filter(({ purchaseId }) => purchaseId !== undefined).map(whatIn)).toEqual([
      { difference: 'lacks', purchaseId: lost.purchaseId, repaired: false },
    ]);
    await shop.compare('history', { isRepairing: true, replacesUnreadable: true });
    expect((await shop.compareEvents(shop.purchases, true)).differences.map(whatIn)).toEqual([
      { difference: 'lacks', purchaseId: lost.purchaseId, repaired: true },
    ]);
    expect((await shop.compare('history')).differences).toEqual([]);
    shop.clock.ms += hourMs;
    await shop.compare('journal', { isRepairing: true });
    expect((await shop.compare('journal')).differences).toEqual([]);
    const after = await seen(shop);
    expect(after.totals).toEqual(before.totals);
    expect([...after.ids].sort()).toEqual([...before.ids].sort());
    expect(after.journalIds).toEqual(before.journalIds);
  });

  test('records a lost purchase also in a process that remembers it', async () => {
    const shop = await aShop();
    shop.store.values.delete(`history:${ada}:3`);
    const [, , lost = aPurchase()] = shop.adas;
    const events = [JSON.stringify(purchasePlaced(lost))];
    expect((await shop.replica.compareEvents(events, { isRepairing: true })).differences.map(whatIn)).toEqual(
      [{ difference: 'lacks', purchaseId: lost.purchaseId, repaired: true }],
    );
    expect((await seen(shop)).totals.count).toBe(3);
  });

  test.each([1, 2, 3])('lets a repaired history be read in pages of %i', async (limit) => {
    const shop = await aShop();
    shop.store.values.set(`history:${ada}:2`, 'foreign');
    await shop.compare('history', { isRepairing: true, replacesUnreadable: true });
    const ids = await readIds(shop, limit);
    expect(ids).toEqual([shop.adas[2]?.purchaseId, shop.adas[0]?.purchaseId]);
  });

  test.each([1, 2, 20])('loses no page of %i behind many empty segments', async (limit) => {
    const shop = await aShop();
    const more: Purchase[] = [];
    for (let count = 0; count < 12; count += 1) more.push(await shop.buy('ada'));
    for (let segment = 4; segment <= 14; segment += 1) overwritten(shop, `history:${ada}:${segment}`);
    await shop.compare('history', { isRepairing: true, replacesUnreadable: true });
    const ids = await readIds(shop, limit);
    const left = [more[11], ...shop.adas.toReversed()];
    expect(ids).toEqual(left.map((purchase) => purchase?.purchaseId));
  });

  test('leaves invalid events, those of erased shoppers, dead letters and those on their way alone', async () => {
    const shop = await aShop();
    const { open, clock } = shop;
    const erased = aPurchase({ shopperId: 'carol', placedMs: startMs });
    await open('eraser').erasures.record(shopperKey('carol'), new Date(clock.ms).toISOString());
    const dead = aPurchase({ shopperId: 'dora', placedMs: startMs });
    await open('replica-1').deadLetters.keep(Buffer.from(JSON.stringify(purchasePlaced(dead))));
    const young = aPurchase({ shopperId: 'ada', placedMs: clock.ms - 1_000 });
    const events = [erased, dead, young].map((purchase) => JSON.stringify(purchasePlaced(purchase)));
    const before = new Map(shop.store.values);
    expect(
      await open('replica-1').compareEvents([...events, '{}', 'text', '['.repeat(50_000)], {
        isRepairing: true,
      }),
    ).toEqual({ recorded: 0, skipped: 5, recent: 1, differences: [] });
    expect(shop.store.values).toEqual(before);
  });
});

test('an erasure finds the entry of a purchase that only the journal still has', async () => {
  const shop = await aShop();
  shop.store.values.delete(`history:${ada}:3`);
  for (let run = 1; run <= 2; run += 1) await shop.compare('history', { isRepairing: true });
  expect(shop.keysOf(`shopper-index:${ada}`)).toHaveLength(1);
  await shop.open('eraser').shopperRecords.erase(ada);
  expect([...shop.store.values.values()].filter((value) => value.includes('"ada"'))).toEqual([]);
});

test('an entry of the journal is not removed while its purchase may be in an unreadable segment', async () => {
  const shop = await aShop();
  const [, bought = aPurchase()] = shop.adas;
  overwritten(shop, `history:${ada}:2`);
  const options = { isRepairing: true, removesUnknown: true };
  const unknown = { difference: 'unknown', purchaseId: bought.purchaseId };
  const found = async (change: Partial<RebuildOptions>) =>
    (await shop.compare('journal', change)).differences
      .filter(({ purchaseId }) => purchaseId !== undefined)
      .map(whatIn);
  expect(await found(options)).toEqual([{ ...unknown, repaired: false }]);
  await shop.compare('history', { isRepairing: true, replacesUnreadable: true });
  expect(await found(options)).toEqual([{ ...unknown, repaired: true }]);
});

test.each([ada, 'many'])(
  'an erasure finds a dead letter whose reference in the index of %s was lost',
  async (name) => {
    const shop = await aShop();
    const names = Array.from({ length: name === 'many' ? 150 : 2 }, (_, number) => `shopper-${number}`);
    await shop.open('replica-1').deadLetters.keep(Buffer.from(JSON.stringify({ names: ['ada', ...names] })));
    overwritten(shop, `shopper-index:${name}:1`);
    const lettersOf = () => [...shop.store.values.keys()].filter((key) => key.startsWith('dead-letter:'));
    expect(lettersOf()).toHaveLength(1);
    const options = { isRepairing: true, replacesUnreadable: true };
    const unreadable = { difference: 'unreadable', segment: 1 };
    expect((await shop.compare('journal', options)).differences.map(whatIn)).toEqual([
      { ...unreadable, repaired: true },
    ]);
    expect((await shop.compare('journal')).differences).toEqual([]);
    await shop.open('eraser').shopperRecords.erase(ada);
    expect(lettersOf()).toEqual([]);
  },
);

test('what a shopper bought five minutes before an erasure does not come back', async () => {
  const shop = await aShop();
  const bought = await shop.buy('ada');
  shop.clock.ms += 5 * 60_000;
  await shop.open('eraser').shopperRecords.erase(ada);
  shop.clock.ms += hourMs;
  const before = new Map(shop.store.values);
  expect(await shop.compareEvents([bought], true)).toEqual({
    recorded: 0,
    skipped: 1,
    recent: 0,
    differences: [],
  });
  expect(shop.store.values).toEqual(before);
});

test.each([
  ['waiting', 'skipped'],
  ['discarded', 'skipped'],
  ['replayed', 'repaired'],
] as const)('the lost purchase of a dead letter that is %s is %s', async (state, what) => {
  const shop = await aShop();
  const { deadLetters } = shop.open('replica-1');
  const [, , lost = aPurchase()] = shop.adas;
  shop.store.values.delete(`history:${ada}:3`);
  await deadLetters.keep(Buffer.from(JSON.stringify(purchasePlaced(lost))));
  const { id = '' } = (await deadLetters.page(1, undefined)).deadLetters[0] ?? {};
  if (state === 'discarded') await deadLetters.discard(id);
  if (state === 'replayed') await deadLetters.replay(id);
  const { skipped, differences } = await shop.compareEvents([lost], true);
  const lacks = { difference: 'lacks', purchaseId: lost.purchaseId, repaired: true };
  expect([skipped, differences.map(whatIn)]).toEqual(what === 'skipped' ? [1, []] : [0, [lacks]]);
});

test('a comparison takes as many calls as the shop has purchases, and four more for each log', async () => {
  const { store, compare } = await aShop();
  for (const target of ['history', 'journal'] as const) {
    const calls = await store.callsDuring(() => compare(target));
    // The 16 shards of the journal twice, two histories, and their entries in the journal.
    expect(calls.length).toBeLessThanOrEqual(2 * 16 + 5 * 2 + 2 * 4);
  }
});

describe.each(['history', 'journal'] as const)('damage to any one value, compared with the %s', (target) => {
  test.each([
    ['found', {}],
    ['repaired', { isRepairing: true }],
    ['replaced', { isRepairing: true, replacesUnreadable: true, removesUnknown: true }],
  ])('does not end the comparison when it is %s', async (_what, options) => {
    const { store } = await aShopWithAnIndex();
    for (const key of store.values.keys()) {
      const shop = await aShopWithAnIndex();
      overwritten(shop, key);
      const { differences } = await shop.compare(target, options);
      await shop.compareEvents(shop.purchases, 'isRepairing' in options);
      const isOfJournal = key.startsWith('shopper-index:');
      expect([key, differences.length > 0]).toEqual([key, target === 'journal' || !isOfJournal]);
    }
  });
});

async function aShopWithAnIndex(): Promise<Shop> {
  const shop = await aShop();
  const index = new ShopperIndex(shop.store, () => new Date(shop.clock.ms));
  await index.addJournalEntry(ada, 'another purchase', { shard: 0, segment: 1 });
  return shop;
}
