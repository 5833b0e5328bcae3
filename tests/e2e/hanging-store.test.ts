import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { appIds, topics } from '@unity-purchase/contracts';
import { createCleanup, findFreePorts } from '@unity-purchase/tools';
import { startFaultProxy, type FaultProxy } from '../conformance/fault-proxy.js';
import { deliveriesWithin, readBrokerLimits } from '../documents/broker-limits.js';
import { listDeadLetters } from '../system/list-dead-letters.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** Long enough for four copies of each event if JetStream sent one every 15 s. */
const outageMs = 70_000;

/** More than JetStream lets sidecars hold at once. */
const bought = 40;

const cleanup = createCleanup();
let shop: TestSystem;
const proxies: FaultProxy[] = [];
let purchaseService: string;

beforeAll(async () => {
  shop = cleanup.add(
    await startTestSystem({ broker: 'jetstream', store: 'sqlite', apps: [{ appId: appIds.storefront }] }),
  );
  for (const name of ['recorder-1', 'recorder-2']) {
    const [app = 0, daprHttp = 0, daprGrpc = 0, metrics = 0] = await findFreePorts(4);
    const proxy = cleanup.add(await startFaultProxy(daprHttp));
    await shop.system.addReplica({
      appId: appIds.purchaseService,
      ports: { app, daprHttp, daprGrpc, metrics },
      env: { DAPR_HTTP_PORT: String(proxy.port), INSTANCE_NAME: name },
    });
    proxies.push(proxy);
    purchaseService = `http://127.0.0.1:${app}`;
  }
}, 180_000);

afterAll(cleanup.run, 60_000);

/** How often JetStream has delivered events to the replicas. */
async function deliveries(): Promise<number> {
  const connection = await connect({ servers: `nats://${shop.addressOf('nats')}` });
  try {
    const { consumers } = await jetstreamManager(connection);
    return (await consumers.info(topics.purchaseEvents, appIds.purchaseService)).delivered.consumer_seq;
  } finally {
    await connection.close();
  }
}

test('while the store hangs, JetStream sends few copies of an event, and afterwards all are recorded once within 30 s', async () => {
  const limits = await readBrokerLimits('jetstream');
  const { heldMax = 0, resendsAfterMs = [] } = limits.find(({ component }) => component === 'pubsub') ?? {};
  const ada = await signIn(shop.storefront);
  await ada.buy({ sku: 'mug' });
  await ada.waitForRecords(1);

  const before = await deliveries();
  for (const proxy of proxies) proxy.holdStateCalls();
  const heldSince = performance.now();
  for (let count = 0; count < bought; count += 1) await ada.buy({ sku: 'mug' });
  for (let heldMs = 0; heldMs < outageMs;) {
    await delay(1_000);
    const sent = (await deliveries()) - before;
    heldMs = performance.now() - heldSince;
    expect(sent).toBeLessThanOrEqual(deliveriesWithin(heldMs, resendsAfterMs) * heldMax);
  }
  for (const proxy of proxies) proxy.releaseStateCalls();
  await ada.waitForRecords(1 + bought);
  await ada.buy({ sku: 'honey' });
  await ada.waitForRecords(2 + bought);
  expect((await ada.history()).totals.count).toBe(2 + bought);
  expect(await listDeadLetters(purchaseService)).toEqual([]);
}, 240_000);
