import { describe, expect, test } from '@jest/globals';
import {
  deadLetterApiPath,
  deadLetterPageSchema,
  problemDetailsSchema,
  purchasePlaced,
  shopperKey,
} from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import request from 'supertest';
import { DeadLetterRecords, type Letter } from '../../src/dead-letters/dead-letter-records.js';
import {
  deliverLetter,
  deliverReplay,
  discardLetter,
  keepLetter,
  listLetters,
  recordPurchase,
  replayLetter,
} from '../fakes/dead-letters.js';
import { aPurchase } from '../fakes/purchases.js';
import { replicasOver } from '../fakes/replicas.js';
import { createTestApp } from '../fakes/test-app.js';

const idsIn = ({ deadLetters }: { deadLetters: readonly { id: string }[] }) =>
  deadLetters.map(({ id }) => id);

describe('a row of the list', () => {
  test('says whose purchase it is, and how much it costs', async () => {
    const test = createTestApp();
    const purchase = aPurchase({ shopperId: 'ada-1815', name: 'Ada Lovelace', unitPrice: 4200 });
    await keepLetter(test, purchase);
    const [letter] = (await listLetters(test)).deadLetters;
    expect(letter).toMatchObject({
      purchaseId: purchase.purchaseId,
      shopper: { id: 'ada-1815', name: 'Ada Lovelace' },
      total: { amount: 4200, currency: 'EUR' },
    });
    expect(letter?.problem).toBeUndefined();
  });

  test.each<[what: string, data: object, expected: object]>([
    ['the total', { total: undefined }, { shopper: { id: 'ada', name: 'Ada' }, problem: /^data\.total / }],
    ['the name', { shopper: { id: 'ada', name: 7 } }, { shopper: { id: 'ada' }, total: { amount: 100 } }],
    ['the shopper', { shopper: 'ada' }, { total: { amount: 100 }, problem: /^data\.shopper / }],
    ['the amount', { total: { amount: -1, currency: 'EUR' } }, { problem: /^data\.total\.amount / }],
  ])('shows everything else when %s cannot be read', async (_what, change, expected) => {
    const test = createTestApp();
    const event = purchasePlaced(aPurchase());
    await deliverLetter(test, { ...event, data: { ...event.data, ...change } });
    const [letter] = (await listLetters(test)).deadLetters;
    const { problem, ...rest } = expected as { problem?: RegExp };
    expect(letter).toMatchObject(rest);
    if (problem !== undefined) expect(letter?.problem).toMatch(problem);
  });

  test('has the problem of what is not JSON, and nothing else', async () => {
    const test = createTestApp();
    await deliverLetter(test, '{"half":');
    const [letter] = (await listLetters(test)).deadLetters;
    expect(letter).toMatchObject({ reason: 'unreadable', problem: 'the event is not JSON' });
    expect([letter?.shopper, letter?.total]).toEqual([undefined, undefined]);
  });

  test('shows nothing that is too long to be a name or a customer number', async () => {
    const test = createTestApp();
    const event = purchasePlaced(aPurchase());
    for (const shopper of [
      { id: 'x'.repeat(500), name: 'Ada' },
      { id: 'ada', name: 'x'.repeat(50_000) },
    ])
      await deliverLetter(test, { ...event, data: { ...event.data, shopper } });
    const page = await listLetters(test);
    expect(page.deadLetters.map(({ shopper }) => shopper)).toEqual([{ id: 'ada' }, undefined]);
  });
});

describe('the lists of dead letters', () => {
  /** One dead letter on each list, by its name, oldest first. */
  async function oneOnEach() {
    const test = createTestApp();
    const replayed = await keepLetter(test, aPurchase());
    await replayLetter(test, replayed);
    const recorded = await keepLetter(test, aPurchase());
    await replayLetter(test, recorded);
    await deliverReplay(test);
    const discarded = await keepLetter(test, aPurchase(), { type: 'purchase.placed.v9' });
    await discardLetter(test, discarded).expect(200);
    const waiting = await keepLetter(test, aPurchase());
    return { test, ids: { waiting, replayed, discarded, recorded } };
  }

  test('have each dead letter once: by its state, or under "recorded" if its purchase was recorded since', async () => {
    const { test, ids } = await oneOnEach();
    for (const [list, id] of Object.entries(ids))
      expect([list, idsIn(await listLetters(test, `?list=${list}`))]).toEqual([list, [id]]);
    expect(idsIn(await listLetters(test))).toEqual([ids.waiting, ids.discarded, ids.recorded, ids.replayed]);
  });

  test('say when the purchase was recorded, also if the event was never replayed', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase);
    await recordPurchase(test, purchase);
    const [letter] = (await listLetters(test, '?list=recorded')).deadLetters;
    expect(letter).toMatchObject({ id, state: 'waiting', recordedAt: '2026-01-01T00:00:02.000Z' });
    expect((await listLetters(test, '?list=waiting')).deadLetters).toEqual([]);
  });

  test('keep a dead letter among the waiting ones when another order is recorded under its id', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase);
    await recordPurchase(test, aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 999 }));
    const [letter] = (await listLetters(test, '?list=waiting')).deadLetters;
    expect(letter).toMatchObject({ id, superseded: true });
    expect(letter?.recordedAt).toBeUndefined();
    expect((await listLetters(test, '?list=recorded')).deadLetters).toEqual([]);
  });

  test('have what is too large to be kept under "recorded" when its purchase was recorded', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase, { padding: 'x'.repeat(70_000), type: 'purchase.placed.v9' });
    expect(idsIn(await listLetters(test, '?list=waiting'))).toEqual([id]);
    await recordPurchase(test, purchase);
    expect(idsIn(await listLetters(test, '?list=recorded'))).toEqual([id]);
  });

  test('are shown although one shopper’s history is damaged', async () => {
    const test = createTestApp();
    const id = await keepLetter(test, aPurchase({ shopperId: 'eve' }));
    test.store.values.set(`history:${shopperKey('eve')}:1`, 'nonsense');
    expect(idsIn(await listLetters(test, '?list=waiting'))).toEqual([id]);
  });
});

describe('the filters', () => {
  const startMs = Date.UTC(2026, 0, 1);
  const minuteMs = 60_000;
  const at = (minute: number) => new Date(startMs + minute * minuteMs).toISOString();

  /** A letter a minute: each second one is not JSON. Returns their ids, oldest first. */
  async function lettersOfAnHour(count = 60) {
    const store = new MemoryLogStore();
    const clock = { ms: startMs };
    const { deadLetters } = replicasOver(store, clock)('replica-1');
    for (let index = 0; index < count; index += 1) {
      await deadLetters.keep(Buffer.from(index % 2 === 0 ? `[${index}]` : `{${index}`));
      clock.ms += minuteMs;
    }
    const ids = idsIn(await deadLetters.page(100, undefined)).reverse();
    return { store, clock, deadLetters, ids };
  }

  test.each([
    [{ reason: 'unreadable' }, (index: number) => index % 2 === 1],
    [{ from: at(30) }, (index: number) => index >= 30],
    [{ before: at(20) }, (index: number) => index < 20],
    [
      { from: at(10), before: at(50), reason: 'invalid', list: 'waiting' },
      (index: number) => index >= 10 && index < 50 && index % 2 === 0,
    ],
    [{ from: at(10), before: at(10) }, () => false],
    [{ list: 'discarded' }, () => false],
  ] as const)('%j select exactly those, in pages of any size', async (filter, isMeant) => {
    const { deadLetters, ids } = await lettersOfAnHour();
    const expected = ids.filter((_id, index) => isMeant(index)).reverse();
    for (const limit of [1, 7, 100]) {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await deadLetters.page(limit, cursor, filter);
        expect(page.deadLetters.length).toBeLessThanOrEqual(limit);
        found.push(...idsIn(page));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(found).toEqual(expected);
    }
  });

  test('of a time begin and end in the log: other times cost nothing', async () => {
    const { store, deadLetters } = await lettersOfAnHour(600);
    const calls = await store.callsDuring(() =>
      deadLetters.page(20, undefined, { from: at(50), before: at(55) }),
    );
    // The end of the period, the entries, the decisions, the dead letters.
    expect(calls.length).toBeLessThanOrEqual(5);
  });

  test.each(['?list=x', '?reason=x', '?from=yesterday', '?before=2026-01-01', '?colour=red', '?cursor=x'])(
    'are refused: %s',
    async (query) => {
      const response = await request(createTestApp().app).get(`${deadLetterApiPath}${query}`).expect(400);
      expect(problemDetailsSchema.parse(response.body).code).toMatch(/^invalid-(request|cursor)$/);
    },
  );
});

describe('a search among many dead letters', () => {
  const count = 2_500;
  const nowMs = Date.UTC(2026, 0, 1);

  /** Many waiting letters that are not JSON, and a single discarded one, which is the oldest. */
  async function manyLetters() {
    const store = new MemoryLogStore();
    const clock = { ms: nowMs };
    const now = () => new Date(clock.ms);
    const records = new DeadLetterRecords(store, { addDeadLetter: () => Promise.resolve() }, now);
    const idOf = (index: number) => index.toString(16).padStart(32, '0');
    const letter: Letter = {
      version: 1,
      arrivedAt: new Date(nowMs).toISOString(),
      reason: 'unreadable',
      problems: [],
      base64: 'ew==',
    };
    await records.create(idOf(0), letter, undefined, []);
    await Promise.all(
      Array.from({ length: count - 1 }, (_, index) => records.create(idOf(index + 1), letter, undefined, [])),
    );
    const { deadLetters } = replicasOver(store, clock)('replica-1');
    await deadLetters.discard(idOf(0), 'a test of ours');
    return { store, clock, deadLetters, discarded: idOf(0) };
  }

  test('reads a limited number of them, says how far it got, and finds what there is when it continues', async () => {
    const { store, deadLetters, discarded } = await manyLetters();
    const found: string[] = [];
    let cursor: string | undefined;
    let requests = 0;
    do {
      const calls = await store.callsDuring(async () => {
        const page = await deadLetters.page(20, cursor, { list: 'discarded' });
        found.push(...idsIn(page));
        expect(page.searchedTo === undefined).toBe(page.next === undefined);
        cursor = page.next;
      });
      expect(calls.length).toBeLessThan(40);
      requests += 1;
    } while (cursor !== undefined);
    expect(found).toEqual([discarded]);
    expect(requests).toBe(3);
  });

  test('looks up a limited number of purchases', async () => {
    const { store, deadLetters } = await manyLetters();
    const calls = await store.callsDuring(async () => {
      const page = await deadLetters.page(20, undefined, { list: 'recorded' });
      expect(deadLetterPageSchema.parse(page)).toMatchObject({ deadLetters: [] });
      expect(page.next).toBeDefined();
    });
    expect(calls.length).toBeLessThan(40);
  });

  test('ends while the page still waits, however slow the store is', async () => {
    const { store, clock, deadLetters } = await manyLetters();
    const read = store.getBulk.bind(store);
    store.getBulk = (keys, options) => {
      clock.ms += 400;
      return read(keys, options);
    };
    const startedMs = clock.ms;
    const page = await deadLetters.page(20, undefined, { list: 'discarded' });
    expect(clock.ms - startedMs).toBeLessThan(3_000);
    expect(page.next).toBeDefined();
  });
});
