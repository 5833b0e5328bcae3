import { describe, expect, test } from '@jest/globals';
import {
  eventRoutes,
  historyPageSchema,
  problemDetailsSchema,
  purchaseDetailsSchema,
  purchasePlaced,
  recordedPurchaseSchema,
  shopperApiPath,
  type Purchase,
} from '@unity-purchase/contracts';
import request from 'supertest';
import { aPurchase } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';
import { whileUnrecordable } from '../fakes/unrecordable.js';

/** The event as Dapr delivers it. */
const delivered = (purchase: Purchase) => ({
  ...purchasePlaced(purchase),
  pubsubname: 'pubsub',
  topic: 'purchase-events',
  traceid: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: '',
});

async function withPurchase() {
  const shop = createTestApp();
  const purchase = aPurchase();
  await request(shop.app).post(eventRoutes.purchases).send(delivered(purchase)).expect(200);
  const path = `/api/purchases/ada/${purchase.purchaseId}`;
  return { ...shop, purchase, path, recordedAt: '2026-01-01T00:00:02.000Z' };
}

describe('GET /api/purchases/{shopper}/{purchaseId}/event', () => {
  test('answers the purchase with its event as it was delivered', async () => {
    const { app, purchase, path, recordedAt } = await withPurchase();
    const response = await request(app).get(`${path}/event`).expect(200);
    expect(purchaseDetailsSchema.parse(response.body)).toEqual({
      purchase,
      recordedAt,
      event: delivered(purchase),
    });
  });

  test('keeps the recorded event when the purchase is redelivered under another event id', async () => {
    const { app, purchase, path } = await withPurchase();
    await request(app)
      .post(eventRoutes.purchases)
      .send({ ...delivered(purchase), id: 'another-envelope' });
    const response = await request(app).get(`${path}/event`).expect(200);
    expect(purchaseDetailsSchema.parse(response.body).event).toEqual(delivered(purchase));
  });

  test('is the only response that contains the event', async () => {
    const { app, purchase, path, recordedAt } = await withPurchase();
    const recorded = { purchase, recordedAt };
    expect(recordedPurchaseSchema.parse((await request(app).get(path)).body)).toEqual(recorded);
    const page = await request(app).get('/api/purchases/ada').expect(200);
    expect(historyPageSchema.parse(page.body).purchases).toEqual([recorded]);
    const { text } = await request(app).get(`${shopperApiPath}/ada`).buffer(true).expect(200);
    expect(text).not.toContain('pubsubname');
  });

  test('answers the same problems as the purchase itself if it is not recorded', async () => {
    const { app, store, purchase } = await withPurchase();
    const codeAt = async (path: string) =>
      problemDetailsSchema.parse((await request(app).get(path).expect(404)).body).code;
    expect(await codeAt(`/api/purchases/eve/${purchase.purchaseId}/event`)).toBe('purchase-not-recorded');
    expect(await codeAt('/api/purchases/ada/x/event')).toBe('not-found');
    const dead = aPurchase();
    const data_base64 = Buffer.from(JSON.stringify(purchasePlaced(dead))).toString('base64');
    await whileUnrecordable(store, 'ada', () =>
      request(app).post(eventRoutes.deadLetters).send({ data_base64 }).expect(200, { status: 'SUCCESS' }),
    );
    expect(await codeAt(`/api/purchases/ada/${dead.purchaseId}/event`)).toBe('purchase-delayed');
  });

  test('answers 404 after the erasure, which removes the event from the store', async () => {
    const { app, store, path } = await withPurchase();
    await request(app).delete(`${shopperApiPath}/ada`).expect(200);
    await request(app).get(`${path}/event`).expect(404);
    const history = [...store.values].flatMap(([key, value]) => (key.startsWith('history:') ? value : []));
    expect(history.join('')).not.toMatch(/pubsubname|traceparent/);
  });
});
