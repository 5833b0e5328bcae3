import { expect, test } from '@jest/globals';
import { appIds, purchasePlaced, shopperApiPath, shopperKey, topics } from '@unity-purchase/contracts';
import { brokerNamed, embeddedPair, waitUntil } from '@unity-purchase/tools';
import { keepUnrecorded } from '../system/keep-unrecorded.js';
import { startOtlpReceiver } from '../system/otlp-receiver.js';
import { readMetric } from '../system/prometheus.js';
import { createPurchase } from '../system/create-purchase.js';
import { keepSecret, secretsIn } from '../system/secrets.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem } from '../system/test-system.js';

const shopperId = 'augusta.king@example.org';
const shopperName = 'Augusta Ada King, Countess';
const amount = 987_654;
const tokens = {
  DAPR_API_TOKEN: 'said-by-services-to-sidecars',
  APP_API_TOKEN: 'said-by-sidecars-to-services',
  OPERATOR_TOKEN: 'said-by-operators-to-all',
};

const withinMs = 60_000;

test('logs, metrics and traces contain no shopper data and no secrets, even when things fail', async () => {
  await using receiver = await startOtlpReceiver();
  const { DAPR_API_TOKEN, APP_API_TOKEN } = tokens;
  await using shop = await startTestSystem({
    env: {
      apps: { ...receiver.env, ...tokens, LOG_LEVEL: 'trace' },
      sidecars: { ...receiver.env, DAPR_API_TOKEN, APP_API_TOKEN },
    },
  });
  const { system, storefront, purchaseService } = shop;
  await using broker = await shop.connectToBroker();
  for (const [name, token] of Object.entries(tokens)) keepSecret(name, token);
  for (const text of [String(amount), '9876.54', '9,876.54']) keepSecret('an amount', text);
  const asOperator = { authorization: `Bearer ${tokens.OPERATOR_TOKEN}` };
  const ada = await signIn(storefront, shopperId, shopperName);
  const order = { sku: 'any-amount', amount };

  // The successful path.
  const { purchaseId, location } = await ada.buy(order);
  await ada.waitForRecords(1);
  for (const path of ['/purchases', '/', location, `/purchases/${purchaseId}`, '/api/purchases'])
    await ada.request(path);

  // Refused requests: invalid orders, wrong tokens, unknown addresses.
  await ada.tryToBuy({ sku: 'any-amount', amount: -amount });
  await ada.tryToBuy({ sku: shopperId });
  await ada.request(`/purchases/${encodeURIComponent(shopperId)}?name=${encodeURIComponent(shopperName)}`);
  await fetch(`${storefront}/api/purchases`, { headers: { authorization: `Bearer ${ada.cookie}` } });
  await fetch(`${purchaseService}/api/purchases/${encodeURIComponent(shopperId)}`, { headers: asOperator });

  // Dead letters and their handling.
  const anEvent = () => purchasePlaced(createPurchase(shopperId, amount, shopperName));
  await broker.publish(topics.purchaseEvents, { ...anEvent(), type: 'purchase.placed.v9' });
  await broker.publish(topics.purchaseEvents, `{"no":"JSON", ${shopperId} ${shopperName} ${amount}`);
  await broker.publish(topics.purchaseEvents, {
    ...anEvent(),
    data: { ...anEvent().data, total: shopperName },
  });
  const operatorToken = tokens.OPERATOR_TOKEN;
  await keepUnrecorded(shop, anEvent(), { broker, operatorToken, daprToken: DAPR_API_TOKEN });
  expect((await ada.tryToBuy({ ...order, amount: amount + 1 }, purchaseId)).status).toBe(422);
  const other = purchasePlaced({ ...createPurchase(shopperId, amount + 1, shopperName), purchaseId });
  await broker.publish(topics.purchaseEvents, other);
  const metrics = `${purchaseService}/metrics`;
  await waitUntil(async () => {
    const arrived = await readMetric(metrics, 'dead_letters_total');
    return arrived >= 4 || `${arrived} of 4 dead letters came`;
  }, withinMs);
  await waitUntil(async () => {
    const conflicts = await readMetric(metrics, 'purchase_conflicts_total');
    return conflicts === 1 || `${conflicts} conflicts of 1 came`;
  }, withinMs);
  const list = await fetch(`${purchaseService}/api/dead-letters`, { headers: asOperator });
  const { deadLetters } = (await list.json()) as { deadLetters: { id: string }[] };
  for (const { id } of deadLetters)
    for (const action of ['replay', 'discard'])
      await fetch(`${purchaseService}/api/dead-letters/${id}/${action}`, {
        method: 'POST',
        headers: asOperator,
      });

  // Failures: store and broker are down while she buys, and the services report it.
  const sidecar = system.process(`${appIds.purchaseService}-sidecar`);
  sidecar.kill('SIGKILL');
  await sidecar.exited;
  await ada.tryToBuy(order);
  await ada.request('/purchases');
  await sidecar.start();
  await system.waitUntilReady(`${appIds.purchaseService}-sidecar`);
  const brokerServer = system.server(brokerNamed(embeddedPair.broker).server.name);
  await brokerServer.kill();
  expect((await ada.tryToBuy(order)).status).toBe(503);
  await brokerServer.start();
  await ada.waitForRecords(2);

  // Operator actions on her data.
  const about = `${purchaseService}${shopperApiPath}/${shopperKey(shopperId)}`;
  expect(await (await fetch(about, { headers: asOperator })).text()).toContain(shopperName);
  expect((await fetch(about, { method: 'DELETE', headers: asOperator })).status).toBe(200);

  const told: string[] = [];
  for (const { appId, port } of [appIds.storefront, appIds.purchaseService].flatMap((id) => [
    { appId: id, port: system.ports(id).app },
    { appId: `${id}-sidecar`, port: system.ports(id).metrics },
  ])) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect([appId, text.includes('# TYPE ')]).toEqual([appId, true]);
    told.push(...secretsIn(text).map((secret) => `${appId} /metrics: ${secret}`));
  }
  await waitUntil(
    () => receiver.raw().includes(shopperApiPath) || 'the trace of the export has not come',
    withinMs,
  );
  told.push(...secretsIn(receiver.raw()).map((secret) => `a trace: ${secret}`));
  // Every test searches the logs when its system stops.
  expect(told).toEqual([]);
  // The search would have found leaks: permitted values are present.
  const logs = system.names().flatMap((name) => system.lines(name));
  for (const words of [purchaseId, 'an operator erased a shopper', 'becomes a dead letter'])
    expect([words, logs.some((line) => line.includes(words))]).toEqual([words, true]);
}, 240_000);
