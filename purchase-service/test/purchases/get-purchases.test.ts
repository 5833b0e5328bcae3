import { describe, expect, test } from '@jest/globals';
import {
  historyPageSchema,
  journalPageSchema,
  problemDetailsSchema,
  purchasePlaced,
  recordedPurchaseSchema,
  shopperKey,
} from '@unity-purchase/contracts';
import request from 'supertest';
import { aPurchase } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';

async function withPurchases(...purchases: ReturnType<typeof aPurchase>[]) {
  const test = createTestApp();
  for (const purchase of purchases)
    await request(test.app).post('/events/purchases').send(purchasePlaced(purchase)).expect(200);
  return test;
}

describe('GET /api/purchases/{shopper}', () => {
  test('answers a page of that shopper, newest first, with totals and the cursor of the next', async () => {
    const [first, second, third] = [aPurchase(), aPurchase(), aPurchase()];
    const { app } = await withPurchases(first, second, third, aPurchase({ shopperId: 'eve' }));
    const page = historyPageSchema.parse(
      (await request(app).get('/api/purchases/ada?limit=2').expect(200)).body,
    );
    expect(page.purchases.map(({ purchase }) => purchase)).toEqual([third, second]);
    expect(page.totals).toEqual({ count: 3, sums: { EUR: 300 } });
    const rest = await request(app)
      .get('/api/purchases/ada')
      .query({ limit: 2, cursor: page.next })
      .expect(200);
    const last = historyPageSchema.parse(rest.body);
    expect(last.purchases.map(({ purchase }) => purchase)).toEqual([first]);
    expect(last.totals.count).toBe(3);
    expect(last.next).toBeUndefined();
  });

  test('knows the shopper by key as well', async () => {
    const { app } = await withPurchases(aPurchase());
    const response = await request(app)
      .get(`/api/purchases/${shopperKey('ada')}`)
      .expect(200);
    expect(historyPageSchema.parse(response.body).totals.count).toBe(1);
  });

  test('of an unknown shopper is an empty page', async () => {
    const { app } = await withPurchases();
    const response = await request(app).get('/api/purchases/nobody').expect(200);
    expect(response.body).toEqual({ purchases: [], totals: { count: 0, sums: {} } });
  });

  test.each(['a/b', 'a||b', '$where', '🙂', 'a.b', '%', 'ü'])('keeps shopper %j apart', async (shopperId) => {
    const { app } = await withPurchases(aPurchase({ shopperId }), aPurchase());
    const response = await request(app)
      .get(`/api/purchases/${encodeURIComponent(shopperId)}`)
      .expect(200);
    const page = historyPageSchema.parse(response.body);
    expect(page.purchases.map(({ purchase }) => purchase.shopper.id)).toEqual([shopperId]);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=NaN', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=%00', 'cursor'],
    ['cursor=abc', 'cursor'],
    ['colour=red', 'colour'],
  ])('with ?%s answers 400 and names %s', async (query, path) => {
    const { app } = await withPurchases(aPurchase());
    const response = await request(app).get(`/api/purchases/ada?${query}`).expect(400);
    expect(response.type).toBe('application/problem+json');
    expect(problemDetailsSchema.parse(response.body).errors?.map((error) => error.path)).toEqual([path]);
  });

  test.each(['%00', '%0a', 'a'.repeat(129), '%ED%A0%80', '%'])(
    'with the shopper %s answers 404',
    async (shopper) => {
      const { app } = await withPurchases();
      const response = await request(app).get(`/api/purchases/${shopper}`).expect(404);
      expect(problemDetailsSchema.parse(response.body).code).toBe('not-found');
    },
  );

  test('while the store answers nonsense is unavailable, and the log has the truth', async () => {
    const { app, store, logLines } = await withPurchases();
    store.values.set(`history:${shopperKey('ada')}`, 'nonsense');
    const response = await request(app).get('/api/purchases/ada').expect(503);
    expect(problemDetailsSchema.parse(response.body)).toMatchObject({
      code: 'store-unavailable',
      status: 503,
    });
    expect(response.text).not.toContain('hint');
    expect(logLines.join('')).toContain('is not a hint');
  });
});

describe('GET /api/purchases/{shopper}/{purchaseId}', () => {
  test('answers the purchase and when it was recorded', async () => {
    const purchase = aPurchase();
    const { app } = await withPurchases(purchase);
    const response = await request(app).get(`/api/purchases/ada/${purchase.purchaseId}`).expect(200);
    expect(recordedPurchaseSchema.parse(response.body)).toEqual({
      purchase,
      recordedAt: '2026-01-01T00:00:02.000Z',
    });
  });

  test("of another shopper's purchase answers 404", async () => {
    const purchase = aPurchase();
    const { app } = await withPurchases(purchase);
    const response = await request(app).get(`/api/purchases/eve/${purchase.purchaseId}`).expect(404);
    expect(problemDetailsSchema.parse(response.body).code).toBe('purchase-not-recorded');
  });

  test.each(['x', '..', '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d'])('of the id %s answers 404', async (id) => {
    const { app } = await withPurchases();
    await request(app)
      .get(`/api/purchases/ada/${encodeURIComponent(id)}`)
      .expect(404);
  });
});

describe('GET /api/purchases', () => {
  test('answers all purchases of all shoppers, page by page', async () => {
    const purchases = [aPurchase(), aPurchase({ shopperId: 'eve' }), aPurchase({ shopperId: 'bob' })];
    const { app } = await withPurchases(...purchases);
    const page = journalPageSchema.parse((await request(app).get('/api/purchases?limit=2').expect(200)).body);
    expect(page.purchases.map(({ shopperId }) => shopperId)).toEqual(['bob', 'eve']);
    expect(page.totals.count).toBe(3);
    const rest = await request(app).get('/api/purchases').query({ cursor: page.next }).expect(200);
    expect(journalPageSchema.parse(rest.body).purchases.map(({ shopperId }) => shopperId)).toEqual(['ada']);
  });

  test('with a cursor of another list answers 400', async () => {
    const { app } = await withPurchases(aPurchase(), aPurchase());
    const page = historyPageSchema.parse((await request(app).get('/api/purchases/ada?limit=1')).body);
    await request(app).get('/api/purchases').query({ cursor: page.next }).expect(400);
  });
});

describe('the rest', () => {
  test.each(['/', '/api', '/api/purchases/a/b/c', '/events/purchases'])(
    'GET %s answers 404 as a problem',
    async (path) => {
      const { app } = await withPurchases();
      const response = await request(app).get(path).expect(404);
      expect(response.type).toBe('application/problem+json');
    },
  );

  test('GET /health/ready follows the life of the service, and /health/live does not', async () => {
    const { app, lifecycle } = await withPurchases();
    await request(app).get('/health/ready').expect(503, { status: 'starting' });
    lifecycle.ready();
    await request(app).get('/health/ready').expect(200, { status: 'ready' });
    await lifecycle.stop(0);
    await request(app).get('/health/ready').expect(503, { status: 'stopping' });
    await request(app).get('/health/live').expect(200);
  });

  test('GET /health names the part that is down, and /metrics has it', async () => {
    const { app, store } = await withPurchases();
    store.readFaults = 2;
    const response = await request(app).get('/health').expect(503);
    expect(response.body).toMatchObject({ status: 'down', checks: [{ name: 'store', status: 'down' }] });
    expect((await request(app).get('/metrics').expect(200)).text).toContain(
      'health_check_up{check="store"} 0',
    );
  });

  test('GET /health while all parts work is 200', async () => {
    const { app } = await withPurchases();
    await request(app).get('/health').expect(200);
  });

  test('/metrics counts requests by route template, never by address', async () => {
    const { app } = await withPurchases(aPurchase());
    await request(app).get('/api/purchases/ada').expect(200);
    await request(app).get('/api/somewhere/else').expect(404);
    const { text } = await request(app).get('/metrics');
    expect(text).toContain(
      'http_requests_total{method="GET",route="/api/purchases/:shopper",status="200"} 1',
    );
    expect(text).toContain('http_requests_total{method="GET",route="unmatched",status="404"} 1');
    expect(text).not.toContain('ada');
  });
});
