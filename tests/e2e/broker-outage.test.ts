import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { brokerNamed, createCleanup, embeddedPair } from '@unity-purchase/tools';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** As for brokers whose clients give up after an outage that is longer. */
const outageMaxMs = 2_000;

const brokerName = brokerNamed(embeddedPair.broker).server.name;

const sidecars = ['storefront-sidecar', 'purchase-service-sidecar'];

const cleanup = createCleanup();
let shop: TestSystem;

beforeAll(async () => {
  shop = cleanup.add(
    await startTestSystem({
      envOf: ({ server }) => ({
        BROKER_ADDRESS: server(brokerName),
        BROKER_OUTAGE_MAX_MS: String(outageMaxMs),
      }),
    }),
  );
}, 120_000);

afterAll(cleanup.run, 60_000);

test('after a long outage of the broker, not during it, the services end their sidecars, which then sell and record', async () => {
  const ada = await signIn(shop.storefront);
  await ada.buy({ sku: 'mug' });
  await ada.waitForRecords(1);
  const running = sidecars.map((name) => shop.system.process(name));
  for (const sidecar of running) sidecar.expectExit();
  const broker = shop.system.server(brokerName);
  await broker.kill();
  for (const endMs = performance.now() + 3 * outageMaxMs; performance.now() < endMs;) {
    expect((await ada.history()).totals.count).toBe(1);
    expect(running.map((sidecar) => sidecar.running)).toEqual([true, true]);
    await delay(500);
  }
  await broker.start();
  await Promise.all(running.map((sidecar) => sidecar.exited));
  // As a kubelet does.
  for (const sidecar of running) await sidecar.start();
  await Promise.all(sidecars.map((name) => shop.system.waitUntilReady(name)));
  await ada.buy({ sku: 'honey' });
  await ada.waitForRecords(2);
}, 120_000);
