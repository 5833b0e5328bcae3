import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { journalPageSchema, purchasePlaced, topics, type Purchase } from '@unity-purchase/contracts';
import { waitUntil, createCleanup } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { waitForMessages, type BrokerClient } from '@unity-purchase/tools/test-clients';
import { createPurchase } from '../system/create-purchase.js';
import { readMetric } from '../system/prometheus.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const cleanup = createCleanup();
let shop: TestSystem;
let broker: BrokerClient;

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem());
  broker = cleanup.add(await shop.connectToBroker());
}, 120_000);

afterAll(cleanup.run, 60_000);

describe('a purchase', () => {
  test('bought by API is accepted, then recorded, then in the history with its content', async () => {
    const ada = await signIn(shop.storefront);
    const { purchaseId, location } = await ada.buy({ sku: 'teapot', quantity: 2 });
    await waitUntil(async () => {
      const { status } = (await (await ada.request(location)).json()) as { status: string };
      return status === 'recorded' || `the status is ${status}`;
    }, 30_000);
    const { purchases, totals } = await ada.history();
    expect(totals).toEqual({ count: 1, sums: { EUR: 8400 } });
    expect(purchases[0]?.purchase).toMatchObject({
      purchaseId,
      shopper: { id: ada.id, name: 'Ada' },
      lines: [{ sku: 'teapot', title: 'Teapot', quantity: 2, unitPrice: 4200 }],
    });
  });

  test('sent three times under one id is recorded once', async () => {
    const ada = await signIn(shop.storefront);
    const purchaseId = v7();
    await Promise.all([1, 2, 3].map(() => ada.buy({ sku: 'mug' }, purchaseId)));
    await ada.buy({ sku: 'honey' });
    await ada.waitForRecords(2);
    const history = await ada.wholeHistory();
    expect(history.filter((purchase) => purchase.purchaseId === purchaseId)).toHaveLength(1);
    expect(history).toHaveLength(2);
  });

  test('is recorded under an id that another shopper has just used', async () => {
    const [ada, eve] = [await signIn(shop.storefront), await signIn(shop.storefront)];
    const purchaseId = v7();
    await ada.buy({ sku: 'mug' }, purchaseId);
    await eve.buy({ sku: 'honey' }, purchaseId);
    await Promise.all([ada.waitForRecords(1), eve.waitForRecords(1)]);
    expect((await ada.history()).totals.sums).toEqual({ EUR: 1600 });
    expect((await eve.history()).totals.sums).toEqual({ EUR: 995 });
  });

  test('under a key that is not a UUIDv7 is recorded once, and found by the id in the answer', async () => {
    const [ada, eve] = [await signIn(shop.storefront), await signIn(shop.storefront)];
    const key = 'order "17"';
    const { purchaseId, location } = await ada.buy({ sku: 'mug' }, key);
    const again = await Promise.all(
      ['"order \\"17\\""', key, purchaseId].map((same) => ada.buy({ sku: 'mug' }, same)),
    );
    expect(again.map((answer) => answer.purchaseId)).toEqual([purchaseId, purchaseId, purchaseId]);
    expect((await ada.tryToBuy({ sku: 'honey' }, key)).status).toBe(422);
    expect((await eve.buy({ sku: 'honey' }, key)).purchaseId).not.toBe(purchaseId);
    await Promise.all([ada.waitForRecords(1), eve.waitForRecords(1)]);
    for (const path of [location, `/api/purchases/${purchaseId}`])
      expect(await (await ada.request(path)).json()).toMatchObject({ status: 'recorded', purchaseId });
    expect((await ada.history()).totals).toEqual({ count: 1, sums: { EUR: 1600 } });
    expect((await eve.history()).totals).toEqual({ count: 1, sums: { EUR: 995 } });
  });

  test('is recorded once under each of the keys that clients may have', async () => {
    const ada = await signIn(shop.storefront);
    const keys = [
      '0',
      '018f0000-0000-4000-8000-000000000000',
      "'; DROP TABLE state; --",
      '../..',
      'x'.repeat(255),
    ];
    const sent = keys.flatMap((key) => [key, key, `"${key}"`]);
    const answers = await Promise.all(sent.map((key) => ada.buy({ sku: 'mug' }, key)));
    expect(new Set(answers.map(({ purchaseId }) => purchaseId)).size).toBe(keys.length);
    await ada.waitForRecords(keys.length);
    expect((await ada.history()).totals).toEqual({ count: keys.length, sums: { EUR: 1600 * keys.length } });
  });

  test('under an id that was just used for another order is refused, and leads to the first order', async () => {
    const ada = await signIn(shop.storefront);
    const { purchaseId } = await ada.buy({ sku: 'mug' });
    const answer = await ada.tryToBuy({ sku: 'honey' }, purchaseId);
    expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'idempotency-key-reused' }]);
    await ada.waitForRecords(1);
    const status = await ada.request(answer.headers.get('location') ?? '');
    expect(await status.json()).toMatchObject({ status: 'recorded', purchase: { lines: [{ sku: 'mug' }] } });
    expect((await ada.history()).totals).toEqual({ count: 1, sums: { EUR: 1600 } });
  });

  test('is recorded once when the broker holds its event twice', async () => {
    const ada = await signIn(shop.storefront);
    const duplicatesBefore = await readMetric(`${shop.purchaseService}/metrics`, 'purchase_duplicates_total');
    const event = purchasePlaced(createPurchase(ada.id));
    await broker.publish(topics.purchaseEvents, event);
    await broker.publish(topics.purchaseEvents, event);
    await broker.publish(topics.purchaseEvents, purchasePlaced(createPurchase(ada.id)));
    await ada.waitForRecords(2);
    await waitUntil(async () => {
      const seen =
        (await readMetric(`${shop.purchaseService}/metrics`, 'purchase_duplicates_total')) - duplicatesBefore;
      return seen === 1 || `${seen} duplicates were counted instead of 1`;
    }, 30_000);
    expect((await ada.history()).totals).toEqual({ count: 2, sums: { EUR: 200 } });
  });

  test('is in the download of all purchases, however many there are', async () => {
    const ada = await signIn(shop.storefront);
    const count = 230;
    await Promise.all(Array.from({ length: count }, () => ada.buy({ sku: 'mug' })));
    await ada.waitForRecords(count);
    const history = await ada.wholeHistory();
    const json = (await (await ada.request('/purchases.json')).json()) as { purchase: Purchase }[];
    expect(json.map(({ purchase }) => purchase)).toEqual(history);
    const table = await (await ada.request('/purchases.csv')).text();
    const ids = table
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((row) => row.split(',', 1)[0]);
    expect(ids).toEqual(history.map(({ purchaseId }) => purchaseId));
  });

  test('appears in the journal of all shoppers', async () => {
    const ada = await signIn(shop.storefront);
    const { purchaseId } = await ada.buy({ sku: 'mug' });
    await ada.waitForRecords(1);
    const journal = journalPageSchema.parse(
      await (await fetch(`${shop.purchaseService}/api/purchases`)).json(),
    );
    expect(journal.purchases.map((entry) => entry.purchaseId)).toContain(purchaseId);
  });

  test.each(['..', 'a/b', 'a||b', '$where', 'a.b', '🙂 🏴󠁧󠁢󠁥󠁮󠁧󠁿', "'; drop table", 'x'.repeat(128)])(
    'of the shopper %j comes back to them, and to nobody else',
    async (prefix) => {
      const id = `${prefix}${prefix.length > 100 ? '' : v7()}`;
      const [shopper, other] = [
        await signIn(shop.storefront, id, prefix.slice(0, 50)),
        await signIn(shop.storefront),
      ];
      await shopper.buy({ sku: 'any-amount', amount: 12_345 });
      await shopper.waitForRecords(1);
      const [recorded] = await shopper.wholeHistory();
      expect(recorded).toMatchObject({
        shopper: { id, name: prefix.slice(0, 50) },
        total: { amount: 12_345 },
      });
      expect((await other.history()).totals.count).toBe(0);
    },
  );
});

describe('an event that cannot be recorded', () => {
  test.each([
    ['is not JSON', () => '{"data":'],
    ['is of another type', () => ({ ...purchasePlaced(createPurchase('eve')), type: 'purchase.placed.v9' })],
    [
      'has a total that is not the sum of its lines',
      () => purchasePlaced({ ...createPurchase('eve'), total: { amount: 1, currency: 'EUR' } }),
    ],
  ])('because it %s goes to the dead letters, and others flow', async (_why, event) => {
    const ada = await signIn(shop.storefront);
    const before = await broker.messages(topics.deadLetters);
    await broker.publish(topics.purchaseEvents, event());
    await ada.buy({ sku: 'mug' });
    await ada.waitForRecords(1);
    await waitForMessages(broker, topics.deadLetters, before.length + 1);
  });
});

test('an event in conflict with a recorded purchase is counted, and creates no dead letter', async () => {
  const ada = await signIn(shop.storefront);
  const metrics = `${shop.purchaseService}/metrics`;
  const purchase = createPurchase(ada.id, 100);
  const deadBefore = await broker.messages(topics.deadLetters);
  const before = await readMetric(metrics, 'purchase_conflicts_total');
  await broker.publish(topics.purchaseEvents, purchasePlaced(purchase));
  const lines = purchase.lines.map((line) => ({ ...line, unitPrice: 999 }));
  const other = { ...purchase, lines, total: { amount: 999, currency: 'EUR' } };
  await broker.publish(topics.purchaseEvents, { ...purchasePlaced(other), id: v7() });
  await waitUntil(async () => {
    const seen = (await readMetric(metrics, 'purchase_conflicts_total')) - before;
    return seen === 1 || `${seen} conflicts were counted instead of 1`;
  }, 30_000);
  expect(await broker.messages(topics.deadLetters)).toEqual(deadBefore);
  expect((await ada.history()).totals).toEqual({ count: 1, sums: { EUR: 100 } });
});

test('both services count their work in metrics', async () => {
  const accepted = await readMetric(`${shop.storefront}/metrics`, 'purchases_accepted_total');
  const recorded = await readMetric(`${shop.purchaseService}/metrics`, 'purchases_recorded_total');
  expect(accepted).toBeGreaterThan(10);
  expect(recorded).toBeGreaterThan(10);
  const route = 'route="/api/purchases"';
  expect(await readMetric(`${shop.storefront}/metrics`, 'http_requests_total', route)).toBeGreaterThan(
    accepted,
  );
  const freshness = await readMetric(`${shop.purchaseService}/metrics`, 'purchase_freshness_seconds_count');
  expect(freshness).toBe(recorded);
});
