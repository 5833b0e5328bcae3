import { expect, test } from '@jest/globals';
import {
  auditApiPath,
  auditPageSchema,
  problemDetailsSchema,
  purchasePlaced,
  purchaseSearchApiPath,
  purchaseSearchResultSchema,
  shopperApiPath,
  type PurchaseSearch,
} from '@unity-purchase/contracts';
import request from 'supertest';
import { aPurchase } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';

const tokens = { sidecar: 'of-the-sidecar', operator: 'of-operators' };
const asOperator = { authorization: `Bearer ${tokens.operator}` };
const asSidecar = { 'dapr-api-token': tokens.sidecar };

/** Zoë has bought, and so has Eve. */
async function aShop() {
  const shop = createTestApp(undefined, tokens);
  const bought = [
    aPurchase({ shopperId: 'zoe', name: 'Zoë Meier' }),
    aPurchase({ shopperId: 'eve', name: 'Eve' }),
  ] as const;
  for (const purchase of bought)
    await request(shop.app)
      .post('/events/purchases')
      .set(asSidecar)
      .send(purchasePlaced(purchase))
      .expect(200);
  const search = async (what: PurchaseSearch) => {
    const response = await request(shop.app)
      .post(purchaseSearchApiPath)
      .set(asOperator)
      .send(what)
      .expect(200);
    return purchaseSearchResultSchema.parse(response.body);
  };
  return { ...shop, bought, search };
}

test('POST /api/purchase-searches finds purchases by name and by the start of their number', async () => {
  const { search, bought } = await aShop();
  const [ofZoe] = bought;
  expect(await search({ name: ' ZOE ' })).toMatchObject({
    purchases: [{ shopperId: 'zoe', shopperName: 'Zoë Meier', purchaseId: ofZoe.purchaseId }],
    isComplete: true,
    searched: { count: 2 },
  });
  const { purchases } = await search({ numberStart: ofZoe.purchaseId.slice(0, 8).toUpperCase() });
  expect(purchases.map(({ shopperId }) => shopperId).sort()).toEqual(['eve', 'zoe']);
});

test('a search is in the audit log, without the name', async () => {
  const { app, search, store, logLines } = await aShop();
  await search({ name: 'Zoraya' });
  await search({ numberStart: '019b76da' });
  const { body } = (await request(app).get(auditApiPath).set(asOperator).expect(200)) as { body: unknown };
  expect(
    auditPageSchema
      .parse(body)
      .entries.slice(1)
      .map(({ action, target }) => [action, target]),
  ).toEqual([
    ['find-purchase', 'search/number/019b76da'],
    ['find-purchase', 'search/name'],
  ]);
  expect(`${[...store.values.values()].join()} ${logLines.join()}`).not.toContain('Zoraya');
});

test('an erasure also removes the name from what is searched', async () => {
  const { app, search, store } = await aShop();
  await request(app).delete(`${shopperApiPath}/zoe`).set(asOperator).expect(200);
  expect(await search({ name: 'zoe' })).toMatchObject({ purchases: [], isComplete: true });
  expect([...store.values.values()].join()).not.toContain('Meier');
});

test.each([
  [{}, 400, 'invalid-request'],
  [{ name: '' }, 400, 'invalid-request'],
  [{ name: 'x'.repeat(101) }, 400, 'invalid-request'],
  [{ name: 'a', numberStart: '019b76da' }, 400, 'invalid-request'],
  [{ numberStart: '019b76d' }, 400, 'invalid-request'],
  [{ numberStart: 'z19b76da' }, 400, 'invalid-request'],
  [{ name: 'a', cursor: 'x' }, 400, 'invalid-cursor'],
  [{ name: 'x'.repeat(9_000) }, 413, 'body-too-large'],
])('POST /api/purchase-searches refuses %j with %i %s', async (what, status, code) => {
  const { app } = await aShop();
  const response = await request(app).post(purchaseSearchApiPath).set(asOperator).send(what).expect(status);
  expect(problemDetailsSchema.parse(response.body).code).toBe(code);
});

test('POST /api/purchase-searches answers only the sidecar and operators', async () => {
  const { app } = await aShop();
  await request(app).post(purchaseSearchApiPath).send({ name: 'a' }).expect(401);
});
