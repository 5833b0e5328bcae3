import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appIds, components, eventRoutes, purchasePlaced, topics } from '@unity-purchase/contracts';
import { waitUntil, createCleanup } from '@unity-purchase/tools';
import { createPurchase } from '../system/create-purchase.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const tokens = {
  DAPR_API_TOKEN: 'what services say to their sidecars'.replaceAll(' ', '-'),
  APP_API_TOKEN: 'what sidecars say to their services'.replaceAll(' ', '-'),
  OPERATOR_TOKEN: 'what operators say to services'.replaceAll(' ', '-'),
};

const cleanup = createCleanup();
let shop: TestSystem;

beforeAll(async () => {
  const { DAPR_API_TOKEN, APP_API_TOKEN } = tokens;
  shop = cleanup.add(
    await startTestSystem({ env: { apps: tokens, sidecars: { DAPR_API_TOKEN, APP_API_TOKEN } } }),
  );
}, 120_000);

afterAll(cleanup.run, 60_000);

const sidecarOf = (appId: string) => `http://127.0.0.1:${shop.system.ports(appId).daprHttp}`;

describe('with tokens in both directions', () => {
  test('a purchase is placed, published, recorded and read', async () => {
    const ada = await signIn(shop.storefront);
    await ada.buy({ sku: 'mug' });
    await ada.waitForRecords(1);
  });

  test('refuses an event that does not come from the sidecar and records nothing', async () => {
    const event = purchasePlaced(createPurchase('mallory', 1, 'Mallory'));
    for (const headers of [
      {},
      { 'dapr-api-token': 'guessed' },
      { authorization: `Bearer ${tokens.OPERATOR_TOKEN}` },
    ]) {
      const response = await fetch(`${shop.purchaseService}${eventRoutes.purchases}`, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents+json', ...headers },
        body: JSON.stringify(event),
      });
      expect(response.status).toBe(401);
    }
    const mallory = await signIn(shop.storefront, 'mallory', 'Mallory');
    expect(await mallory.wholeHistory()).toEqual([]);
  });

  test('only operators can read the purchases of all shoppers', async () => {
    const journal = `${shop.purchaseService}/api/purchases`;
    expect((await fetch(journal)).status).toBe(401);
    const asOperator = { authorization: `Bearer ${tokens.OPERATOR_TOKEN}` };
    await waitUntil(async () => {
      const response = await fetch(journal, { headers: asOperator });
      return response.status === 200 || `the journal was answered with ${response.status}`;
    }, 10_000);
  });

  test("an operator views and discards a dead letter on the storefront's desk", async () => {
    const broker = cleanup.add(await shop.connectToBroker());
    await broker.publish(topics.purchaseEvents, 'poison <b>for</b> operators');
    let cookie = '';
    const ask = async (path: string, form?: Record<string, string>) => {
      const init = { redirect: 'manual', headers: { cookie, 'sec-fetch-site': 'same-origin' } } as const;
      const response = await fetch(`${shop.storefront}${path}`, {
        ...init,
        ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
      });
      cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      return { status: response.status, text: await response.text() };
    };
    expect((await ask('/operators/dead-letters')).status).toBe(303);
    expect((await ask('/operators/sign-in', { token: tokens.OPERATOR_TOKEN })).status).toBe(303);
    let path = '';
    await waitUntil(async () => {
      const { status, text } = await ask('/operators/dead-letters');
      path = /\/operators\/dead-letters\/[0-9a-f]{32}/.exec(text)?.[0] ?? '';
      return path !== '' || `the list was answered with ${status}, and names no dead letter`;
    }, 30_000);
    expect((await ask(path)).text).toContain('poison &lt;b&gt;for&lt;/b&gt; operators');
    expect((await ask(`${path}/replay`, {})).status).toBe(409);
    expect((await ask(`${path}/discard`, { reason: 'not from our shop' })).status).toBe(303);
    expect((await ask(path)).text).toContain('Discarded');
  });

  test.each([
    ['publish', 'POST', `/v1.0/publish/${components.pubsub}/purchase-events`],
    ['publish many', 'POST', `/v1.0/publish/bulk/${components.pubsub}/purchase-events`],
    ['read state', 'GET', `/v1.0/state/${components.stateStore}/journal:1`],
    ['read the session secret', 'GET', `/v1.0/secrets/${components.secrets}/session`],
    ['call a service', 'GET', `/v1.0/invoke/${appIds.purchaseService}/method/api/purchases`],
  ])('nobody but a service can have its sidecar %s', async (_what, method, path) => {
    for (const appId of [appIds.storefront, appIds.purchaseService]) {
      const response = await fetch(`${sidecarOf(appId)}${path}`, {
        method,
        ...(method === 'POST' ? { body: '[]', headers: { 'content-type': 'application/json' } } : {}),
      });
      expect([appId, response.status]).toEqual([appId, 401]);
    }
  });

  test.each([
    [appIds.storefront, components.pubsub, topics.deadLetters],
    [appIds.storefront, components.pubsub, 'another-topic'],
    [appIds.storefront, components.deadLetters, topics.deadLetters],
    [appIds.purchaseService, components.pubsub, 'another-topic'],
    [appIds.purchaseService, components.deadLetters, topics.deadLetters],
  ])('the %s cannot publish by %s to %s', async (appId, component, topic) => {
    for (const path of [`/v1.0/publish/${component}/${topic}`, `/v1.0/publish/bulk/${component}/${topic}`]) {
      const response = await fetch(`${sidecarOf(appId)}${path}`, {
        method: 'POST',
        headers: { 'dapr-api-token': tokens.DAPR_API_TOKEN, 'content-type': 'application/json' },
        body: JSON.stringify([{ entryId: '1', event: 'x', contentType: 'text/plain' }]),
      });
      expect([path, [403, 404].includes(response.status), response.status]).toEqual([
        path,
        true,
        response.status,
      ]);
    }
  });

  test("the storefront's sidecar has no state store and the purchase-service's no session secret", async () => {
    const ask = (appId: string, path: string) =>
      fetch(`${sidecarOf(appId)}${path}`, { headers: { 'dapr-api-token': tokens.DAPR_API_TOKEN } });
    const state = await ask(appIds.storefront, `/v1.0/state/${components.stateStore}/journal:1`);
    expect(state.status).toBeGreaterThanOrEqual(400);
    expect(await state.text()).toContain('ERR_STATE_STORE_NOT');
    const secret = await ask(appIds.purchaseService, `/v1.0/secrets/${components.secrets}/session`);
    expect(secret.status).toBeGreaterThanOrEqual(400);
    expect(await secret.text()).toContain('ERR_SECRET_STORE');
  });
});
