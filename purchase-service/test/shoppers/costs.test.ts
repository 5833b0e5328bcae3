import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { purchasePlaced, shopperKey, type Purchase } from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { aPurchase } from '../fakes/purchases.js';
import { replicasOver } from '../fakes/replicas.js';

const instanceName = 'replica-1';
const startMs = Date.UTC(2026, 0, 15);
const attempt = '00000000-0000-4000-8000-000000000000/0/0/0';

const ownShard = createHash('sha256').update(instanceName).digest().readUInt32BE(0) % 16;

/** Stores a log with one entry in each segment, the worst case for everything that reads it, as this version writes it. */
function storeLog(store: MemoryLogStore, log: string, entries: readonly object[]): void {
  entries.forEach((entry, index) => {
    const number = index + 1;
    const recordedAt = new Date(startMs - (entries.length - number) * 1_000).toISOString();
    const totals = { count: number, sums: {} };
    store.values.set(
      `${log}:${number}`,
      JSON.stringify({ version: 1, recordedAt, attempt, entries: [entry], totals }),
    );
  });
  store.values.set(log, JSON.stringify({ segment: entries.length - (entries.length % 16) }));
}

/** A shop in which others have 50,000 entries in the journal and 10,000 dead letters. */
function aLargeShop() {
  const store = new MemoryLogStore();
  const entryOf = (index: number) => {
    const { shopper, purchaseId, total } = aPurchase({
      shopperId: `other-${index % 500}`,
      placedMs: startMs,
    });
    return { shopperId: shopper.id, purchaseId, total };
  };
  for (let shard = 0; shard < 16; shard += 1)
    storeLog(
      store,
      `journal:${shard}`,
      Array.from({ length: shard === ownShard ? 20_000 : 2_000 }, (_, index) => entryOf(index)),
    );
  const letters = Array.from({ length: 10_000 }, (_, index) => {
    const purchase = aPurchase({ shopperId: `other-${index % 500}`, placedMs: startMs });
    const bytes = Buffer.from(JSON.stringify(purchasePlaced(purchase)));
    const id = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
    const about = {
      reason: 'not-recorded',
      purchaseId: purchase.purchaseId,
      arrivedAt: new Date(startMs).toISOString(),
    };
    const letter = { version: 1, ...about, problems: [], base64: bytes.toString('base64') };
    store.values.set(`dead-letter:${id}`, JSON.stringify(letter));
    return { id, ...about };
  });
  storeLog(store, 'dead-letters', letters);

  const clock = { ms: startMs };
  return { store, clock, open: replicasOver(store, clock) };
}

/** Ada buys, and between two of her purchases others buy so much that her entries in the journal are far apart. */
async function buy({ clock, open }: ReturnType<typeof aLargeShop>, count: number): Promise<Purchase[]> {
  const { recordPurchase, deadLetters } = open(instanceName);
  const purchases: Purchase[] = [];
  for (let index = 0; index < count; index += 1) {
    clock.ms += 60_000;
    const purchase = aPurchase({ placedMs: clock.ms });
    purchases.push(purchase);
    await recordPurchase(purchasePlaced(purchase));
    for (let others = 0; others < 35; others += 1) {
      clock.ms += 1;
      await recordPurchase(purchasePlaced(aPurchase({ shopperId: `other-${others}`, placedMs: clock.ms })));
    }
  }
  for (const { shopper, purchaseId } of purchases.slice(0, 3)) {
    const invalid = { subject: shopper.id, about: purchaseId };
    await deadLetters.keep(Buffer.from(JSON.stringify(invalid)));
    await deadLetters.keep(Buffer.from(JSON.stringify({ ...invalid, about: 'someone', subject: 'other-1' })));
  }
  return purchases;
}

const ada = shopperKey('ada');
/** The tail of each of the 16 shards, of the history, of two indexes and of the dead letters, at two calls each, and a few more. */
const callsForTails = 60;

describe.each([3, 300])('in a large shop, with %i purchases', (count) => {
  test('an export and an erasure cost as much as the shopper bought, and are complete', async () => {
    const shop = aLargeShop();
    const purchases = await buy(shop, count);
    const { store, clock, open } = shop;
    const kinds: Record<string, number> = {};
    const exporting = await store.callsDuring(async () => {
      for await (const { kind } of open('replica-2').shopperRecords.export(ada))
        kinds[kind] = (kinds[kind] ?? 0) + 1;
    });
    expect(kinds).toMatchObject({ purchase: count, 'journal-entry': count, 'dead-letter': 3, end: 1 });
    expect(exporting.length).toBeLessThanOrEqual(callsForTails + 2 * count);

    clock.ms += 60 * 60_000;
    const { shopperRecords } = open('replica-3');
    const erasing = await store.callsDuring(async () => {
      expect(await shopperRecords.erase(ada)).toMatchObject({
        purchases: count,
        journalEntries: count,
        deadLetters: 3,
      });
    });
    expect(erasing.length).toBeLessThanOrEqual(callsForTails + 4 * count);
    // One search for everything: there are more than 70,000 values.
    const trace = new RegExp(['"ada"', ...purchases.map(({ purchaseId }) => purchaseId)].join('|'));
    const left = [...store.values].filter(([key, value]) => trace.test(key) || trace.test(value));
    expect(left).toEqual([]);

    const again = await store.callsDuring(() => open('replica-4').shopperRecords.erase(ada));
    expect(again.length).toBeLessThanOrEqual(callsForTails + count / 20);
  });
});
