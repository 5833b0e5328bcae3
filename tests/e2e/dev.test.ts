import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appIds } from '@unity-purchase/contracts';
import { projectRoot, readRunFile, restartOnChange, waitUntil } from '@unity-purchase/tools';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, tailOf, type TestSystem } from '../system/test-system.js';

/** Generous for a busy machine; alone it takes about two seconds. */
const restartedWithinMs = 60_000;

let shop: TestSystem;

/** The system as `npm run dev` starts it, on free ports. */
beforeAll(async () => {
  const runFile = await readRunFile(join(projectRoot, 'dapr.yaml'));
  shop = await startTestSystem({ runFile: restartOnChange(runFile, projectRoot) });
}, 120_000);

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

/** Changes only the time of a file, which counts as a change. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(join(projectRoot, path), now, now);
}

/** How often an app has started to listen. */
const startsOf = (name: string) =>
  shop.system.lines(name).filter((line) => line.includes('"msg":"listening"')).length;

const sidecarPids = () =>
  [appIds.storefront, appIds.purchaseService].map((app) => shop.system.process(`${app}-sidecar`).pid);

test.each([
  ['storefront', 'storefront/src/catalogue/search-catalogue.ts'],
  ['storefront', 'storefront/catalogue.json'],
  ['purchase-service', 'purchase-service/src/main.ts'],
])('restarts the %s after a change of %s, and no sidecar', async (name, file) => {
  const [before, pids] = [startsOf(name), sidecarPids()];
  await touch(file);
  await waitUntil(() => startsOf(name) > before || tailOf(shop.system, name), restartedWithinMs);
  await shop.system.waitUntilReady(name);
  expect(sidecarPids()).toEqual(pids);
});

test('sells and records after the restarts', async () => {
  const ada = await signIn(shop.storefront);
  await ada.buy({ sku: 'mug' });
  await ada.waitForRecords(1);
});
