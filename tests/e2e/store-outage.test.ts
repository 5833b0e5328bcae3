import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { purchasePlaced, topics } from '@unity-purchase/contracts';
import { createCleanup, waitUntil } from '@unity-purchase/tools';
import type { BrokerClient } from '@unity-purchase/tools/test-clients';
import { createPurchase } from '../system/create-purchase.js';
import { listDeadLetters } from '../system/list-dead-letters.js';
import { readMetric } from '../system/prometheus.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const store = 'redis';

/** How many purchases are bought, and how many events have used up their retries: 500 together. */
const count = 250;

const cleanup = createCleanup();
let shop: TestSystem;
let broker: BrokerClient;

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem({ broker: 'jetstream', store }));
  broker = cleanup.add(await shop.connectToBroker());
}, 120_000);

afterAll(cleanup.run, 60_000);

test('after an outage of the store all purchases are recorded and no dead letter is kept, also when retries were used up', async () => {
  const ada = await signIn(shop.storefront);
  await ada.buy({ sku: 'mug' });
  await ada.waitForRecords(1);
  const server = shop.system.server(store);
  await server.kill();

  for (let bought = 0; bought < count; bought += 1) {
    await ada.buy({ sku: 'mug' });
    await broker.publish(topics.deadLetters, purchasePlaced(createPurchase(ada.id)));
  }
  await waitUntil(async () => {
    const retried = await readMetric(`${shop.purchaseService}/metrics`, 'purchase_events_retried_total');
    return retried > 0 || 'no delivery has failed';
  }, 30_000);

  await server.start();
  await ada.waitForRecords(2);
  await ada.waitForRecords(1 + 2 * count);
  expect((await ada.history()).totals.count).toBe(1 + 2 * count);
  expect(await listDeadLetters(shop.purchaseService)).toEqual([]);
}, 180_000);
