import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { purchasePlaced, shopperKey } from '@unity-purchase/contracts';
import { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { createLogger } from '@unity-purchase/service-kit';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { AuditLog } from '../../src/audit/audit-log.js';
import { deadLetterTelemetry } from '../../src/dead-letters/dead-letter-telemetry.js';
import { DeadLetters } from '../../src/dead-letters/dead-letters.js';
import { attributesToKeep } from '../../src/purchases/event-attributes.js';
import { PurchaseHistory } from '../../src/purchases/purchase-history.js';
import { PurchaseJournal } from '../../src/purchases/purchase-journal.js';
import { Erasures } from '../../src/shoppers/erasures.js';
import { ShopperIndex } from '../../src/shoppers/shopper-index.js';
import { aPurchase } from '../fakes/purchases.js';

/** The keys and values that version 0.1.0 stored, with the attempt ids replaced. Later versions add a lineage to those. */
const storedBefore = JSON.parse(
  await readFile(new URL('stored-values.json', import.meta.url), 'utf8'),
) as Record<string, string>;

const nowMs = Date.UTC(2026, 0, 1);
const now = () => new Date(nowMs);
const uuidAt = (ms: number, sequence: number) => {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${sequence.toString(16).padStart(12, '0')}`;
};
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const mug = aPurchase({
  purchaseId: uuidAt(nowMs, 1),
  placedMs: nowMs,
  name: 'Zoë 🙂\u0001',
  unitPrice: 1234,
});
const cup = aPurchase({ purchaseId: uuidAt(nowMs + 1, 2), placedMs: nowMs + 1, name: 'Ada "L."' });
const ada = shopperKey('ada');

function openDeadLetters(store: MemoryLogStore): DeadLetters {
  const logger = createLogger('test', { level: 'error', format: 'json' }, { write: () => undefined });
  return new DeadLetters({
    store,
    history: new PurchaseHistory(store, now),
    erasures: new Erasures(store),
    index: new ShopperIndex(store, now),
    publish: () => Promise.resolve(),
    telemetry: deadLetterTelemetry(new Registry(), logger),
    newEventId: () => 'event-1',
    now,
  });
}

async function storeEverything(): Promise<MemoryLogStore> {
  const store = new MemoryLogStore();
  const history = new PurchaseHistory(store, now);
  const journal = new PurchaseJournal(store, now, 'replica-1');
  const audit = new AuditLog({ store, now, newEntryId: () => uuidAt(nowMs, 3) });
  for (const purchase of [mug, cup]) {
    const event = { ...purchasePlaced(purchase), traceparent, note: 'für später' };
    await history.append(purchase, attributesToKeep(event));
    await journal.append(purchase, await journal.place());
  }
  for (let sequence = 4; sequence < 18; sequence += 1)
    await history.append(aPurchase({ purchaseId: uuidAt(nowMs, sequence), placedMs: nowMs }));
  await audit.write({ operator: 'Zoë', action: 'erase-shopper', target: ada, requestId: 'request-1' });
  await new PurchaseHistory(store, now).append(
    aPurchase({ shopperId: 'eve', purchaseId: uuidAt(nowMs, 30), placedMs: nowMs }),
  );
  await history.erase(shopperKey('eve'));
  await new Erasures(store).record(shopperKey('eve'), now().toISOString());

  const deadLetters = openDeadLetters(store);
  const purchase = aPurchase({ purchaseId: uuidAt(nowMs, 40), placedMs: nowMs, name: 'Zoë' });
  await deadLetters.keep(Buffer.from(JSON.stringify(purchasePlaced(purchase))));
  await deadLetters.keep(Buffer.from('{"half":'));
  const [unreadable, valid] = (await deadLetters.page(10, undefined)).deadLetters;
  await deadLetters.replay(valid?.id ?? '');
  await deadLetters.discard(unreadable?.id ?? '');
  return store;
}

function withoutAttempts(values: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    [...values].map(([key, text]) => [
      key,
      text.replace(/"attempt":"[0-9a-f-]{36}\/\d+\/\d+(\/0)?"/, '"attempt":"one"'),
    ]),
  );
}

/** The values of the index of shoppers, which version 0.1.0 did not write, and all others. */
function divided(values: Record<string, string>) {
  const entries = Object.entries(values);
  const isIndex = ([key]: [string, string]) => key.startsWith('shopper-index:');
  return {
    indexed: Object.fromEntries(entries.filter(isIndex)),
    others: Object.fromEntries(entries.filter((entry) => !isIndex(entry))),
  };
}

/** A purchase that is recorded a day after its id was created, in a history that version 0.1.0 began. */
async function recordLate(): Promise<MemoryLogStore> {
  const store = new MemoryLogStore();
  for (const [key, text] of Object.entries(storedBefore)) store.values.set(key, text);
  const dayLater = () => new Date(nowMs + 24 * 60 * 60_000);
  await new PurchaseHistory(store, dayLater).append(
    aPurchase({ purchaseId: uuidAt(nowMs, 50), placedMs: nowMs }),
  );
  return store;
}

/** The id of the key "order-17" of the shopper "ada", which has no time. */
const idWithoutTime = '000cbddf-6bf3-7da2-b6eb-386fbd709c16';

/** A purchase under a key that is not a UUIDv7, in a history that version 0.1.0 began. */
async function recordWithoutTime(): Promise<MemoryLogStore> {
  const store = new MemoryLogStore();
  for (const [key, text] of Object.entries(storedBefore)) store.values.set(key, text);
  const history = new PurchaseHistory(store, now);
  await history.append(aPurchase({ purchaseId: idWithoutTime, placedMs: nowMs }));
  return store;
}

describe('the stored values', () => {
  test('are byte for byte those of version 0.1.0, apart from what that version ignores', async () => {
    const store = await storeEverything();
    // The tail hint for segment 16 is stored together with segment 17; version 0.1.0 stored it after segment 16.
    await new PurchaseHistory(store, now).append(
      aPurchase({ purchaseId: uuidAt(nowMs, 18), placedMs: nowMs }),
    );
    const { [`history:${ada}:17`]: seventeenth, ...stored } = withoutAttempts(store.values);
    expect(seventeenth).toBeDefined();
    const { indexed, others } = divided(stored);
    // Version 0.1.0 did not count decisions, and ignores their count.
    const counted = /,"kinds":\{"decisions":1\}/;
    expect(others['audit:1']).toMatch(counted);
    others['audit:1'] = others['audit:1']?.replace(counted, '') ?? '';
    // Nor did it store the names of shoppers in the journal, and it ignores them.
    for (const [key, text] of Object.entries(others))
      if (key.startsWith('journal:')) {
        expect(text).toContain('"shopperName":');
        others[key] = text.replaceAll(/"shopperName":"(?:[^"\\]|\\.)*",/g, '');
      }
    expect(others).toEqual(storedBefore);
    const letters = Object.keys(storedBefore).filter((key) => key.startsWith('dead-letter:'));
    const named = [ada, shopperKey('half')];
    expect(indexed).toEqual(
      Object.fromEntries(
        letters.map((letter, index) => [
          `shopper-index:${named[index] ?? ''}:1`,
          `{"version":1,"recordedAt":"2026-01-01T00:00:00.000Z","attempt":"one","entries":[{"kind":"dead-letter","id":"${letter.slice(
            'dead-letter:'.length,
          )}","segment":${index + 1}}],"totals":{"count":1,"sums":{}}}`,
        ]),
      ),
    );
  });

  test('of a recorded purchase have its place in the journal, and name the writer that stores places', async () => {
    const store = new MemoryLogStore();
    const history = new PurchaseHistory(store, now);
    const journal = new PurchaseJournal(store, now, 'replica-1');
    const place = await journal.place();
    await history.append(mug, undefined, place);
    await journal.append(mug, place);
    expect(store.values.get(`history:${ada}:1`)).toContain('"journal":{"shard":3,"segment":1}}]');
    expect(store.values.get('journal:3:1')).toMatch(/"attempt":"[0-9a-f-]{36}\/0\/0\/0"/);
    expect((await new PurchaseHistory(store, now).findPlaced(ada, mug.purchaseId))?.journal).toEqual(place);
  });

  test('of version 0.1.0 are read as they were recorded', async () => {
    const store = new MemoryLogStore();
    for (const [key, text] of Object.entries(storedBefore)) store.values.set(key, text);
    const history = new PurchaseHistory(store, now);
    const { purchases, totals } = await history.page(ada, 100, undefined);
    expect(purchases.slice(-2).map(({ purchase }) => purchase)).toEqual([cup, mug]);
    expect(totals).toEqual({ count: 16, sums: { EUR: 1234 + 15 * 100 } });
    expect((await history.page(shopperKey('eve'), 10, undefined)).purchases).toEqual([]);
    expect(await history.findWithEvent(ada, mug.purchaseId)).toMatchObject({
      event: { traceparent, note: 'für später' },
    });
    const journal = new PurchaseJournal(store, now, 'replica-2');
    expect((await journal.page(10, undefined)).purchases.map(({ purchaseId }) => purchaseId)).toEqual([
      cup.purchaseId,
      mug.purchaseId,
    ]);
    const audit = new AuditLog({ store, now, newEntryId: () => uuidAt(nowMs, 3) });
    expect((await audit.page(10, undefined)).entries).toMatchObject([{ operator: 'Zoë', target: ada }]);
    expect((await openDeadLetters(store).page(10, undefined)).deadLetters).toMatchObject([
      { reason: 'unreadable', state: 'discarded' },
      { reason: 'not-recorded', state: 'replayed', replays: 1 },
    ]);
    expect(await new Erasures(store).erasedAt(shopperKey('eve'))).toBe(now().toISOString());
  });

  test('of a purchase that is recorded late are its segment, with its lineage, and its marker', async () => {
    const { values } = await recordLate();
    expect(values.get(`late:history:${ada}:${uuidAt(nowMs, 50)}`)).toBe('{"version":1,"segment":17}');
    expect(values.get(`history:${ada}:17`)?.replace(/[0-9a-f-]{36}\//, 'one/')).toBe(
      '{"version":1,"recordedAt":"2026-01-02T00:00:00.000Z","attempt":"one/16/0","entries":[{"purchaseId":' +
        '"019b76da-a800-7000-8000-000000000032","shopper":{"id":"ada","name":"Ada"},"lines":[{"sku":"mug","title":' +
        '"Mug","quantity":1,"unitPrice":100}],"total":{"amount":100,"currency":"EUR"},"placedAt":' +
        '"2026-01-01T00:00:00.000Z"}],"totals":{"count":17,"sums":{"EUR":2834}}}',
    );
  });

  test('of a purchase under an id without a time are its segment, with its lineage, and its marker', async () => {
    const { values } = await recordWithoutTime();
    expect(values.get(`late:history:${ada}:${idWithoutTime}`)).toBe('{"version":1,"segment":17}');
    // Sixteen segments of version 0.1.0 were read, and none has a purchase under such an id.
    expect(values.get(`history:${ada}:17`)?.replace(/[0-9a-f-]{36}\//, 'one/')).toBe(
      '{"version":1,"recordedAt":"2026-01-01T00:00:00.000Z","attempt":"one/16/0/u1-0","entries":[{"purchaseId":' +
        `"${idWithoutTime}","shopper":{"id":"ada","name":"Ada"},"lines":[{"sku":"mug","title":` +
        '"Mug","quantity":1,"unitPrice":100}],"total":{"amount":100,"currency":"EUR"},"placedAt":' +
        '"2026-01-01T00:00:00.000Z"}],"totals":{"count":17,"sums":{"EUR":2834}}}',
    );
  });

  test('can be read by version 0.1.0', async () => {
    // What version 0.1.0 requires of every segment, and of every purchase id.
    const purchaseIdOfVersion010 = z
      .string()
      .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const segmentOfVersion010 = z.strictObject({
      version: z.literal(1),
      recordedAt: z.iso.datetime({ precision: 3 }),
      attempt: z.string(),
      entries: z.array(z.looseObject({ purchaseId: purchaseIdOfVersion010.optional() }).nullable()),
      totals: z.object({ count: z.int().min(0), sums: z.record(z.string(), z.int().min(0)) }),
    });
    for (const { values } of [await storeEverything(), await recordLate(), await recordWithoutTime()])
      for (const [key, text] of values)
        if (/^(history:[^:]+|journal:\d+|dead-letters|audit):\d+$/.test(key))
          expect(() => segmentOfVersion010.parse(JSON.parse(text))).not.toThrow();
  });
});
