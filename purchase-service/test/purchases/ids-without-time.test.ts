import { describe, expect, test } from '@jest/globals';
import {
  deadLetterApiPath,
  deadLetterPageSchema,
  eventRoutes,
  journalPageSchema,
  purchaseIdOfKey,
  purchasePlaced,
  recordedPurchaseSchema,
  shopperKey,
  type Purchase,
} from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import request from 'supertest';
import { aPurchase } from '../fakes/purchases.js';
import { replicasOver } from '../fakes/replicas.js';
import { createTestApp } from '../fakes/test-app.js';
import { whileUnrecordable } from '../fakes/unrecordable.js';

const startMs = Date.UTC(2026, 10, 28);
const ada = shopperKey('ada');

/** A purchase under an `Idempotency-Key` that is not a UUIDv7. */
function underKey(key: string, change: { unitPrice?: number; placedMs?: number } = {}): Purchase {
  const read = purchaseIdOfKey(key, 'ada', startMs);
  if ('problem' in read) throw new Error(read.problem);
  return aPurchase({ placedMs: startMs, ...change, purchaseId: read.id });
}

function aShop() {
  const store = new MemoryLogStore();
  const clock = { ms: startMs + 2_000 };
  const open = replicasOver(store, clock);
  const record = (instance: ReturnType<typeof open>, purchase: Purchase) =>
    instance.recordPurchase(purchasePlaced(purchase));
  /** Others and the shopper buy this often. */
  const fill = async (count: number) => {
    const replica = open('replica-9');
    for (let index = 0; index < count; index += 1) {
      clock.ms += 1_000;
      await record(replica, aPurchase({ placedMs: clock.ms }));
    }
  };
  return { store, clock, open, record, fill };
}

/** Stores the history as version 0.1.0 wrote it: without markers, and without a lineage in the attempt. */
function storeOlderHistory(store: MemoryLogStore, purchases: readonly Purchase[]): void {
  purchases.forEach((purchase, index) => {
    const number = index + 1;
    const totals = { count: number, sums: { EUR: 100 * number } };
    const recordedAt = new Date(startMs - (purchases.length - index) * 1_000).toISOString();
    const attempt = '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d';
    const segment = { version: 1, recordedAt, attempt, entries: [purchase], totals };
    store.values.set(`history:${ada}:${number}`, JSON.stringify(segment));
  });
  const hint = purchases.length - (purchases.length % 16);
  store.values.set(`history:${ada}`, JSON.stringify({ segment: hint }));
}

describe('a purchase under a key that is not a UUIDv7', () => {
  test('is recorded once by any replica, at any time, and another order under the key is a conflict', async () => {
    const { clock, open, record, fill } = aShop();
    const purchase = underKey('order-17');
    const replicas = [open('replica-1'), open('replica-2')] as const;
    const outcomes = await Promise.all(replicas.map((replica) => record(replica, purchase)));
    expect(outcomes.sort()).toEqual(['duplicate', 'recorded']);
    for (const days of [1, 30, 400]) {
      await fill(100);
      clock.ms += days * 24 * 60 * 60_000;
      const again = { ...purchase, placedAt: new Date(clock.ms).toISOString() };
      for (const replica of [...replicas, open('replica-3')]) {
        expect(await record(replica, again)).toBe('duplicate');
        expect(await record(replica, underKey('order-17', { unitPrice: 200 }))).toBe('conflict');
      }
      const found = await open('replica-4').history.find(ada, purchase.purchaseId);
      expect(found?.purchase).toEqual(purchase);
    }
  });

  test('takes at most eight calls to record, in a cold and in a warm process, and twelve to find', async () => {
    const { store, open, record, fill } = aShop();
    await fill(3_000);
    const warm = open('replica-1');
    for (const [replica, key] of [
      [open('replica-2'), 'cold'],
      [warm, 'warming'],
      [warm, 'warm'],
    ] as const) {
      const calls = await store.callsDuring(() => record(replica, underKey(key)));
      expect(calls.length).toBeLessThanOrEqual(8);
    }
    for (const key of ['cold', 'unknown']) {
      const calls = await store.callsDuring(() =>
        open('replica-3').history.find(ada, underKey(key).purchaseId),
      );
      expect(calls.length).toBeLessThanOrEqual(12);
    }
  });

  test('is found by its id, in the history, in the journal and by its dead letter', async () => {
    const { app, store, published } = createTestApp(startMs + 2_000);
    const purchase = underKey('order-17');
    const deliver = (event: object) =>
      request(app).post(eventRoutes.purchases).send(event).expect(200, { status: 'SUCCESS' });
    const kept = Buffer.from(JSON.stringify(purchasePlaced(purchase))).toString('base64');
    await whileUnrecordable(store, 'ada', () =>
      request(app).post(eventRoutes.deadLetters).send({ data_base64: kept }).expect(200),
    );
    const letters = deadLetterPageSchema.parse((await request(app).get(deadLetterApiPath)).body);
    expect(letters.deadLetters).toMatchObject([{ purchaseId: purchase.purchaseId, reason: 'not-recorded' }]);
    await request(app)
      .post(`${deadLetterApiPath}/${letters.deadLetters[0]?.id ?? ''}/replay`)
      .expect(202);
    await deliver(published[0] ?? {});

    const path = `/api/purchases/ada/${purchase.purchaseId}`;
    const found = recordedPurchaseSchema.parse((await request(app).get(path).expect(200)).body);
    expect(found.purchase).toEqual(purchase);
    const search = `/api/purchases?purchaseId=${purchase.purchaseId}`;
    for (const query of ['', '&shopper=ada']) {
      const page = journalPageSchema.parse(
        (
          await request(app)
            .get(search + query)
            .expect(200)
        ).body,
      );
      expect(page.purchases).toMatchObject([{ purchaseId: purchase.purchaseId }]);
    }
  });

  test('is found by its id alone among the newest purchases of a large shop', async () => {
    const { open, record, fill } = aShop();
    await fill(2_000);
    const purchase = underKey('order-17');
    // In the shard of the others.
    await record(open('replica-9'), purchase);
    await fill(200);
    const { purchaseId } = purchase;
    const page = await open('replica-2').searchPurchases({ limit: 20, purchaseId });
    expect(page.purchases).toMatchObject([{ purchaseId }]);
  });

  test('is exported, erased with its marker, and refused after that until it is bought again', async () => {
    const { store, clock, open, record, fill } = aShop();
    await fill(50);
    const purchase = underKey('order-17');
    await record(open('replica-1'), purchase);
    await fill(50);
    const kinds: string[] = [];
    for await (const line of open('replica-2').shopperRecords.export(ada))
      if (JSON.stringify(line).includes(purchase.purchaseId)) kinds.push(line.kind);
    expect(kinds).toEqual(['purchase', 'journal-entry']);
    clock.ms += 60 * 60_000;
    await open('replica-3').shopperRecords.erase(ada);
    const left = [...store.values].filter((pair) => pair.join(' ').includes(purchase.purchaseId));
    expect(left).toEqual([]);
    expect(await record(open('replica-4'), purchase)).toBe('erased');
    clock.ms += 60 * 60_000;
    const later = underKey('order-17', { placedMs: clock.ms });
    expect(await record(open('replica-5'), later)).toBe('recorded');
  });
});

describe('in a history of version 0.1.0', () => {
  test('a purchase that it recorded under such a key, without a marker, is a duplicate and is found', async () => {
    const { store, open, record } = aShop();
    const purchases = Array.from({ length: 400 }, (_, index) =>
      index === 200 ? underKey('order-17') : aPurchase({ placedMs: startMs - 400_000 + index * 1_000 }),
    );
    storeOlderHistory(store, purchases);
    const { purchaseId } = underKey('order-17');
    expect((await open('replica-1').history.find(ada, purchaseId))?.purchase.purchaseId).toBe(purchaseId);
    expect(await record(open('replica-2'), underKey('order-17'))).toBe('duplicate');
  });

  test('the first purchase under such a key reads what it wrote, and later ones take eight calls', async () => {
    const { store, open, record } = aShop();
    storeOlderHistory(
      store,
      Array.from({ length: 3_000 }, (_, index) =>
        aPurchase({ placedMs: startMs - 3_000_000 + index * 1_000 }),
      ),
    );
    for (const [key, callsMax] of [
      ['first', 8 + 3_000 / 100],
      ['second', 8],
      ['third', 8],
    ] as const) {
      const calls = await store.callsDuring(() => record(open(`replica-${key}`), underKey(key)));
      expect({ key, isFew: calls.length <= callsMax, calls: calls.length }).toMatchObject({ isFew: true });
    }
  });
});
