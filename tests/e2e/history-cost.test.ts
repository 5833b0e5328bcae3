import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appIds, components, purchasePlaced, type Purchase } from '@unity-purchase/contracts';
import { PurchaseHistory } from '@unity-purchase/purchase-service';
import { createDaprGateway } from '@unity-purchase/service-kit';
import { v7 } from 'uuid';
import { createCleanup } from '@unity-purchase/tools';
import { readMetric } from '../system/prometheus.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** A page reads the tail and its entries in one call; a cold process first reads the tail hint. */
const callsPerPageMax = 2;

/** Recording creates one segment in the history and one in the journal; every sixteenth also writes the tail hint. */
const callsPerRecordMax = 3;

/** A cold process first finds both tails and reads the last ten minutes to detect duplicates. */
const callsPerFirstRecordMax = 6;

const purchaseCount = 5000;
const minuteMs = 60_000;

const cleanup = createCleanup();
let shop: TestSystem;

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem({ apps: [{ appId: appIds.purchaseService }] }));
}, 120_000);

afterAll(cleanup.run, 60_000);

/** The sidecar's own count of state calls; a bulk get counts as one. */
function stateCalls(): Promise<number> {
  const { metrics } = shop.system.ports(appIds.purchaseService);
  return readMetric(`http://127.0.0.1:${metrics}/metrics`, 'dapr_component_state_count');
}

async function callsDuring(work: () => Promise<unknown>): Promise<number> {
  const before = await stateCalls();
  await work();
  return (await stateCalls()) - before;
}

const createPurchase = (shopperId: string, placedMs = Date.now()): Purchase => ({
  purchaseId: v7({ msecs: placedMs }),
  shopper: { id: shopperId, name: 'Ada' },
  lines: [{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice: 100 }],
  total: { amount: 100, currency: 'EUR' },
  placedAt: new Date(placedMs).toISOString(),
});

/** One purchase per minute up to now, in sequence: the longest log this many purchases can produce. */
async function seed(shopperId: string, count: number): Promise<void> {
  const gateway = createDaprGateway(shop.system.ports(appIds.purchaseService).daprHttp, undefined);
  let nowMs = Date.now() - count * minuteMs;
  const seeder = new PurchaseHistory(gateway.stateStore(components.stateStore), () => new Date(nowMs));
  for (let index = 0; index < count; index += 1) {
    nowMs += minuteMs;
    await seeder.append(createPurchase(shopperId, nowMs - 100));
  }
  await gateway.close();
}

const readPage = async (shopperId: string) => {
  const response = await fetch(`${shop.purchaseService}/api/purchases/${shopperId}?limit=20`);
  expect(response.status).toBe(200);
  return (await response.json()) as { totals: { count: number } };
};

const deliver = async (purchase: Purchase) => {
  const response = await fetch(`${shop.purchaseService}/events/purchases`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(purchasePlaced(purchase)),
  });
  expect(await response.json()).toEqual({ status: 'SUCCESS' });
};

test('reading a page and recording a purchase cost the same state calls with 1 and with 5,000 purchases', async () => {
  await seed('one', 1);
  await seed('many', purchaseCount);
  const costs = { one: [0], many: [0] };
  for (const shopper of ['one', 'many'] as const) {
    costs[shopper] = [
      await callsDuring(() => readPage(shopper)),
      await callsDuring(() => readPage(shopper)),
      await callsDuring(() => deliver(createPurchase(shopper))),
      await callsDuring(() => deliver(createPurchase(shopper))),
      await callsDuring(() => deliver(createPurchase(shopper))),
    ];
  }
  process.stdout.write(
    `state calls (page, page, record, record, record) with 1 purchase: ${costs.one.join(', ')}\n`,
  );
  process.stdout.write(`state calls with ${purchaseCount} purchases: ${costs.many.join(', ')}\n`);
  expect((await readPage('many')).totals.count).toBe(purchaseCount + 3);
  for (const [firstPage = 99, page = 99, firstRecord = 99, ...records] of [costs.one, costs.many]) {
    expect([firstPage, page]).toEqual([callsPerPageMax, callsPerPageMax - 1]);
    expect(firstRecord).toBeLessThanOrEqual(callsPerFirstRecordMax);
    expect(Math.max(...records)).toBeLessThanOrEqual(callsPerRecordMax);
  }
}, 300_000);
