import { expect, test } from '@jest/globals';
import { appIds, topics } from '@unity-purchase/contracts';
import { waitUntil } from '@unity-purchase/tools';
import { setTimeout as delay } from 'node:timers/promises';
import { v7 } from 'uuid';
import { watchReadiness } from '../system/ready-pods.js';
import { signIn, type ShopperClient } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** How long a service keeps answering after it reports "not ready", so that a cluster can notice. */
const shutdownDelayMs = 2_000;

const shopperCount = 8;
const pauseMs = 50;

/** Alternates buying and reading, and collects every failure. */
type Visit = { shopper: ShopperClient; accepted: string[]; looks: number[]; troubles: string[] };

async function shopUntil(isStopped: () => boolean, visit: Visit, storefront: () => string): Promise<void> {
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { cookie: visit.shopper.cookie, ...(init.headers as Record<string, string>) };
    const response = await fetch(`${storefront()}${path}`, { ...init, headers, redirect: 'manual' });
    return { status: response.status, text: await response.text() };
  };
  while (!isStopped()) {
    const purchaseId = v7();
    try {
      const bought = await ask('/api/purchases', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': purchaseId },
        body: JSON.stringify({ lines: [{ sku: 'mug' }] }),
      });
      if (bought.status === 202) visit.accepted.push(purchaseId);
      else visit.troubles.push(`buying: ${bought.status} ${bought.text}`);
      visit.looks.push((await ask('/purchases')).status);
    } catch (error) {
      visit.troubles.push(`no answer: ${String((error as Error).cause ?? error)}`);
    }
    await delay(pauseMs);
  }
}

/**
 * Stops a pod as a cluster does: first the service, then its sidecar. A sidecar that holds events it can no longer deliver
 * waits for its grace period and exits with 1; the broker redelivers them to another.
 */
async function endPod({ system }: TestSystem, name: string): Promise<void> {
  expect(await system.process(name).stop()).toEqual({ code: 0, signal: null });
  expect(await system.process(`${name}-sidecar`).stop()).toMatchObject({ signal: null });
}

test('a rolling restart of both services under load breaks no connection, refuses no request and loses no purchase', async () => {
  const env = { apps: { SHUTDOWN_DELAY_MS: String(shutdownDelayMs) } };
  const pair = [appIds.storefront, appIds.purchaseService].flatMap((appId) => [{ appId }, { appId }]);
  await using shop = await startTestSystem({ env, apps: pair, stopsAsInCluster: true });
  const { system } = shop;
  const urlOf = (name: string) => system.url(name);
  await using pods = watchReadiness([appIds.storefront, `${appIds.storefront}-2`].map(urlOf));
  const visits: Visit[] = [];
  for (let count = 0; count < shopperCount; count += 1)
    visits.push({ shopper: await signIn(shop.storefront), accepted: [], looks: [], troubles: [] });
  let isStopped = false;
  const shopping = Promise.all(visits.map((visit) => shopUntil(() => isStopped, visit, pods.next)));

  for (const appId of [appIds.storefront, appIds.purchaseService])
    for (const name of [appId, `${appId}-2`]) {
      const before = system.names();
      await system.addReplica({ appId });
      const added = system.names().find((one) => !before.includes(one) && !one.endsWith('-sidecar')) ?? '';
      if (appId === appIds.storefront) pods.add(urlOf(added));
      await endPod(shop, name);
      if (appId === appIds.storefront) pods.remove(urlOf(name));
    }
  isStopped = true;
  await shopping;

  const accepted = visits.flatMap((visit) => visit.accepted);
  const looks = visits.flatMap((visit) => visit.looks);
  const unavailable = looks.filter((status) => status !== 200).length;
  process.stdout.write(
    `${accepted.length} bought, ${looks.length} looks at a history, ${unavailable} unavailable\n`,
  );
  expect(visits.flatMap(({ troubles }) => troubles)).toEqual([]);
  expect(accepted.length).toBeGreaterThan(100);
  expect(looks.filter((status) => status !== 200 && status !== 503)).toEqual([]);

  // The first storefront is gone; the remaining one serves the histories.
  for (const { shopper, accepted: ids } of visits) {
    const left = await signIn(pods.next(), shopper.id);
    await waitUntil(async () => {
      const recorded = (await left.wholeHistory()).map(({ purchaseId }) => purchaseId);
      const missing = ids.filter((id) => !recorded.includes(id));
      if (missing.length > 0) return `${missing.length} of ${ids.length} accepted purchases are not recorded`;
      expect(recorded.sort()).toEqual([...ids].sort());
      return true;
    }, 60_000);
  }
  await using broker = await shop.connectToBroker();
  expect(await broker.messages(topics.deadLetters)).toEqual([]);
}, 240_000);
