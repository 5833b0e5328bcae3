import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appIds, problemDetailsSchema } from '@unity-purchase/contracts';
import { findFreePorts, waitUntil, createCleanup, brokerNamed, embeddedPair } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { readProcessStatus } from '../system/process-status.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, tailOf, type TestSystem } from '../system/test-system.js';

/** A page must not take much longer than the storefront's own deadlines. */
const answeredWithinMs = 8000;

const brokerName = brokerNamed(embeddedPair.broker).server.name;
const cleanup = createCleanup();
let shop: TestSystem;

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem());
}, 120_000);

afterAll(cleanup.run, 60_000);

async function timed<Result>(work: () => Promise<Result>): Promise<Result> {
  const startMs = performance.now();
  const result = await work();
  expect(performance.now() - startMs).toBeLessThan(answeredWithinMs);
  return result;
}

/** An API answer's status, and its code if it is a problem. */
async function outcomeOf(response: Response) {
  const body: unknown = await response.json();
  return { status: response.status, code: problemDetailsSchema.safeParse(body).data?.code };
}

describe('while the purchase-service is down', () => {
  test('the shop sells, says that the history is unavailable and everything is recorded afterwards', async () => {
    const ada = await signIn(shop.storefront);
    await ada.buy({ sku: 'mug' });
    await ada.waitForRecords(1);
    await shop.system.process('purchase-service').stop();

    const { location } = await ada.buy({ sku: 'honey' });
    expect(await timed(async () => outcomeOf(await ada.request('/api/purchases')))).toEqual({
      status: 503,
      code: 'history-unavailable',
    });
    const page = await timed(() => ada.request('/purchases'));
    expect(page.status).toBe(503);
    expect(await page.text()).not.toContain('not bought anything');
    const status = await timed(() => ada.request(location));
    expect(await status.json()).toMatchObject({ status: 'accepted' });
    expect((await fetch(`${shop.storefront}/`)).status).toBe(200);

    await shop.system.process('purchase-service').start();
    await shop.system.waitUntilReady('purchase-service');
    await ada.waitForRecords(2);
    expect((await ada.history()).totals.count).toBe(2);
  }, 120_000);

  test('loses and duplicates no event when it is killed with events in flight', async () => {
    const ada = await signIn(shop.storefront);
    const ids = Array.from({ length: 60 }, () => v7());
    const buying = (async () => {
      for (const id of ids) await ada.buy({ sku: 'mug' }, id);
    })();
    await ada.waitForRecords(5);
    const victim = shop.system.process('purchase-service');
    victim.expectExit();
    victim.kill('SIGKILL');
    await victim.exited;
    await victim.start();
    await shop.system.waitUntilReady('purchase-service');
    await buying;
    await ada.waitForRecords(ids.length);
    expect((await ada.wholeHistory()).map(({ purchaseId }) => purchaseId).sort()).toEqual([...ids].sort());
  }, 120_000);
});

describe('while the broker is down', () => {
  test('the shop says that the purchase is not confirmed, shows the history and accepts the same id later', async () => {
    const ada = await signIn(shop.storefront);
    await ada.buy({ sku: 'mug' });
    await ada.waitForRecords(1);
    await shop.system.process(brokerName).stop();

    const purchaseId = v7();
    const refused = await timed(() => ada.tryToBuy({ sku: 'honey' }, purchaseId));
    expect(await outcomeOf(refused)).toEqual({ status: 503, code: 'purchase-not-confirmed' });
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await timed(() => ada.history())).totals.count).toBe(1);
    expect((await ada.request('/purchases')).status).toBe(200);

    await shop.system.process(brokerName).start();
    await shop.system.waitUntilReady(brokerName);
    await waitUntil(async () => {
      const { status } = await ada.tryToBuy({ sku: 'honey' }, purchaseId);
      return (
        status === 202 ||
        `buying again is answered with ${status}\n${tailOf(shop.system, 'storefront-sidecar')}`
      );
    }, 60_000);
    await ada.waitForRecords(2);
    expect((await ada.wholeHistory()).filter((purchase) => purchase.purchaseId === purchaseId)).toHaveLength(
      1,
    );
  }, 120_000);
});

describe("while the storefront's sidecar", () => {
  test('is down, the shop accepts nothing, says so and sells again afterwards', async () => {
    const ada = await signIn(shop.storefront);
    await shop.system.process('storefront-sidecar').stop();
    expect(await timed(async () => outcomeOf(await ada.tryToBuy({ sku: 'mug' })))).toEqual({
      status: 503,
      code: 'purchase-not-accepted',
    });
    expect((await timed(() => ada.request('/purchases'))).status).toBe(503);
    expect((await fetch(`${shop.storefront}/health`)).status).toBe(503);
    expect((await fetch(`${shop.storefront}/health/live`)).status).toBe(200);
    await shop.system.process('storefront-sidecar').start();
    await shop.system.waitUntilReady('storefront-sidecar');
    await ada.buy({ sku: 'mug' });
    await ada.waitForRecords(1);
  }, 120_000);

  test('does not answer, the shop says in time that it cannot confirm, and the same id buys once', async () => {
    const ada = await signIn(shop.storefront);
    const sidecar = shop.system.process('storefront-sidecar');
    const purchaseId = v7();
    sidecar.kill('SIGSTOP');
    // Until the signal is delivered, which takes a while on a busy machine, other threads of the sidecar still answer.
    await waitUntil(
      async () => (await readProcessStatus(sidecar.pid ?? 0)).state === 'T' || 'the sidecar is not stopped',
      10_000,
    );
    const response = await timed(() => ada.tryToBuy({ sku: 'mug' }, purchaseId));
    sidecar.kill('SIGCONT');
    expect(await outcomeOf(response)).toEqual({ status: 503, code: 'purchase-not-confirmed' });
    await ada.buy({ sku: 'mug' }, purchaseId);
    await ada.waitForRecords(1);
    await ada.buy({ sku: 'honey' });
    await ada.waitForRecords(2);
    expect(await ada.wholeHistory()).toHaveLength(2);
  }, 120_000);
});

test('serves health and metrics only on the management ports when they are configured', async () => {
  const [storefrontPort = 0, purchaseServicePort = 0] = await findFreePorts(2);
  await using separate = await startTestSystem({
    apps: [
      { appId: appIds.storefront, env: { MANAGEMENT_PORT: String(storefrontPort) } },
      { appId: appIds.purchaseService, env: { MANAGEMENT_PORT: String(purchaseServicePort) } },
    ],
  });
  const ada = await signIn(separate.storefront);
  await ada.buy({ sku: 'mug' });
  await ada.waitForRecords(1);
  for (const port of [storefrontPort, purchaseServicePort]) {
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('process_cpu');
  }
  for (const url of [separate.storefront, separate.purchaseService]) {
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  }
}, 120_000);

test('keeps all purchases across a stop and a start', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'unity-purchase-'));
  let before: string[];
  {
    await using first = await startTestSystem({ dataDir });
    const ada = await signIn(first.storefront, 'ada');
    await ada.buy({ sku: 'mug' });
    await ada.buy({ sku: 'honey' });
    await ada.waitForRecords(2);
    before = (await ada.wholeHistory()).map(({ purchaseId }) => purchaseId);
  }
  {
    await using second = await startTestSystem({ dataDir });
    const again = await signIn(second.storefront, 'ada');
    expect((await again.wholeHistory()).map(({ purchaseId }) => purchaseId)).toEqual(before);
  }
  await rm(dataDir, { recursive: true });
}, 180_000);
