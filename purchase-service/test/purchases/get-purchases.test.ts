import { describe, expect, test } from '@jest/globals';
import {
  historyPageSchema,
  journalPageSchema,
  problemDetailsSchema,
  purchasePlaced,
  recordedPurchaseSchema,
  spendingSchema,
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
  test('answers a page of the shopper, newest first, with totals and the cursor of the next page', async () => {
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

  test('accepts the shopper key instead of the id', async () => {
    const { app } = await withPurchases(aPurchase());
    const response = await request(app)
      .get(`/api/purchases/${shopperKey('ada')}`)
      .expect(200);
    expect(historyPageSchema.parse(response.body).totals.count).toBe(1);
  });

  test('answers an empty page for an unknown shopper', async () => {
    const { app } = await withPurchases();
    const response = await request(app).get('/api/purchases/nobody').expect(200);
    expect(response.body).toEqual({ purchases: [], totals: { count: 0, sums: {} } });
  });

  test.each(['a/b', 'a||b', '$where', '🙂', 'a.b', '%', 'ü'])(
    'answers only the purchases of shopper %j',
    async (shopperId) => {
      const { app } = await withPurchases(aPurchase({ shopperId }), aPurchase());
      const response = await request(app)
        .get(`/api/purchases/${encodeURIComponent(shopperId)}`)
        .expect(200);
      const page = historyPageSchema.parse(response.body);
      expect(page.purchases.map(({ purchase }) => purchase.shopper.id)).toEqual([shopperId]);
    },
  );

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
    ['month=2026-13', 'month'],
    ['month=2026', 'month'],
  ])('answers 400 to ?%s and names %s', async (query, path) => {
    const { app } = await withPurchases(aPurchase());
    const response = await request(app).get(`/api/purchases/ada?${query}`).expect(400);
    expect(response.type).toBe('application/problem+json');
    expect(problemDetailsSchema.parse(response.body).errors?.map((error) => error.path)).toEqual([path]);
  });

  test.each(['%00', '%0a', 'a'.repeat(129), '%ED%A0%80', '%'])(
    'answers 404 for the shopper %s',
    async (shopper) => {
      const { app } = await withPurchases();
      const response = await request(app).get(`/api/purchases/${shopper}`).expect(404);
      expect(problemDetailsSchema.parse(response.body).code).toBe('not-found');
    },
  );

  test('answers 503 while the store returns damaged data, and logs the cause', async () => {
    const { app, store, logLines } = await withPurchases();
    store.values.set(`history:${shopperKey('ada')}`, 'nonsense');
    const response = await request(app).get('/api/purchases/ada').expect(503);
    expect(problemDetailsSchema.parse(response.body)).toMatchObject({
      code: 'store-unavailable',
      status: 503,
    });
    expect(response.text).not.toContain('hint');
    expect(logLines.join('')).toContain('is not a tail hint');
  });
});

describe('GET /api/purchases/{shopper} in both directions and of a month', () => {
  test('answers "previous" on every page but the newest, and it leads back', async () => {
    const { app } = await withPurchases(aPurchase(), aPurchase(), aPurchase());
    const pageAt = async (cursor?: string) => {
      const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
      const response = await request(app).get('/api/purchases/ada').query(query).expect(200);
      return historyPageSchema.parse(response.body);
    };
    const newest = await pageAt();
    const last = await pageAt(newest.next);
    expect([newest.previous, last.next]).toEqual([undefined, undefined]);
    expect(await pageAt(last.previous)).toEqual(newest);
  });

  test('answers the purchases recorded in a month with the totals of all', async () => {
    const { app } = await withPurchases(aPurchase(), aPurchase());
    const pageOf = async (month: string) =>
      historyPageSchema.parse((await request(app).get('/api/purchases/ada').query({ month })).body);
    expect(await pageOf('2026-01')).toMatchObject({ totals: { count: 2 }, purchases: [{}, {}] });
    expect(await pageOf('2026-02')).toEqual({ totals: { count: 2, sums: { EUR: 200 } }, purchases: [] });
  });

  test('answers 400 and names the cursor if it is of another month', async () => {
    const { app } = await withPurchases(aPurchase(), aPurchase());
    const { next: cursor } = historyPageSchema.parse(
      (await request(app).get('/api/purchases/ada?limit=1')).body,
    );
    const response = await request(app)
      .get('/api/purchases/ada')
      .query({ cursor, month: '2026-02' })
      .expect(400);
    expect(problemDetailsSchema.parse(response.body)).toMatchObject({
      code: 'invalid-cursor',
      detail: 'The cursor does not come from a page of this list.',
      errors: [{ path: 'cursor', message: 'must be the "next" or "previous" of a page' }],
    });
  });
});

describe('GET /api/purchases/{shopper} of a year', () => {
  test('answers the purchases recorded in it', async () => {
    const { app } = await withPurchases(aPurchase(), aPurchase());
    const pageOf = async (year: string) =>
      historyPageSchema.parse((await request(app).get('/api/purchases/ada').query({ year })).body);
    expect((await pageOf('2026')).purchases).toHaveLength(2);
    expect((await pageOf('2025')).purchases).toEqual([]);
  });

  test.each(['26', '2026-01', 'x', ''])('answers 400 to ?year=%s and names the parameter', async (year) => {
    const { app } = await withPurchases();
    const response = await request(app).get('/api/purchases/ada').query({ year }).expect(400);
    expect(problemDetailsSchema.parse(response.body).errors).toMatchObject([{ path: 'year' }]);
  });

  test('answers 400 to a year together with a month', async () => {
    const { app } = await withPurchases();
    const query = { year: '2026', month: '2026-01' };
    const response = await request(app).get('/api/purchases/ada').query(query).expect(400);
    expect(problemDetailsSchema.parse(response.body).errors).toMatchObject([{ path: 'year' }]);
  });
});

describe('GET /api/purchases/{shopper} with a search', () => {
  const titled = (title: string) => {
    const purchase = aPurchase();
    return { ...purchase, lines: purchase.lines.map((line) => ({ ...line, title })) };
  };

  test('answers the purchases whose items have all words, page by page, and how far it searched', async () => {
    const [kitchen, other] = [titled('Küchenwaage'), titled('Teekanne')];
    const { app } = await withPurchases(kitchen, other, kitchen, titled('Küchenuhr'));
    const pageOf = async (query: object) =>
      historyPageSchema.parse((await request(app).get('/api/purchases/ada').query(query).expect(200)).body);
    const page = await pageOf({ q: 'kueche', limit: 1 });
    expect(page.purchases.map(({ purchase }) => purchase.lines[0]?.title)).toEqual(['Küchenuhr']);
    expect(page).toMatchObject({ totals: { count: 3 }, searched: { count: 1 } });
    const rest = await pageOf({ q: 'kueche', cursor: page.next });
    expect(rest.purchases.map(({ purchase }) => purchase)).toEqual([kitchen]);
    expect(rest.next).toBeUndefined();
    expect((await pageOf({ q: 'kueche', month: '2026-02' })).purchases).toEqual([]);
    for (const q of [other.purchaseId, other.purchaseId.slice(0, 8), 'TEEKANNE'])
      expect(
        (await pageOf({ q })).purchases.some(({ purchase }) => purchase.purchaseId === other.purchaseId),
      ).toBe(true);
  });

  test.each(['', ' ', '\u200b', 'x'.repeat(101), 'a\nb'])(
    'answers 400 to the search %j and names the parameter',
    async (q) => {
      const { app } = await withPurchases();
      const response = await request(app).get('/api/purchases/ada').query({ q }).expect(400);
      expect(problemDetailsSchema.parse(response.body).errors).toMatchObject([{ path: 'q' }]);
    },
  );
});

describe('GET /api/purchases/{shopper}/months', () => {
  test('answers the months up to another month, and the years with a purchase', async () => {
    const { app } = await withPurchases(aPurchase());
    const response = await request(app).get('/api/purchases/ada/months?until=2026-03&count=2').expect(200);
    const none = { count: 0, sums: {} };
    expect(spendingSchema.parse(response.body)).toEqual({
      months: [
        { month: '2026-02', totals: none },
        { month: '2026-03', totals: none },
      ],
      years: [{ year: '2026', totals: { count: 1, sums: { EUR: 100 } } }],
    });
  });

  test.each(['2026', '1999-12', '2026-13'])(
    'answers 400 to ?until=%s and names the parameter',
    async (until) => {
      const { app } = await withPurchases();
      const response = await request(app).get('/api/purchases/ada/months').query({ until }).expect(400);
      expect(problemDetailsSchema.parse(response.body).errors).toMatchObject([{ path: 'until' }]);
    },
  );

  test('answers a year up to the current month, or the requested number of months', async () => {
    const { app } = await withPurchases(aPurchase(), aPurchase());
    const monthsOf = async (query: string) =>
      spendingSchema.parse((await request(app).get(`/api/purchases/ada/months${query}`).expect(200)).body)
        .months;
    const year = await monthsOf('');
    expect(year).toHaveLength(12);
    expect(year.at(-1)).toEqual({ month: '2026-01', totals: { count: 2, sums: { EUR: 200 } } });
    expect(year[0]).toEqual({ month: '2025-02', totals: { count: 0, sums: {} } });
    expect(await monthsOf('?count=36')).toHaveLength(36);
  });

  test.each(['0', '37', '-1', 'x', '01'])(
    'answers 400 to ?count=%s and names the parameter',
    async (count) => {
      const { app } = await withPurchases();
      const response = await request(app).get('/api/purchases/ada/months').query({ count }).expect(400);
      expect(problemDetailsSchema.parse(response.body).errors).toMatchObject([{ path: 'count' }]);
    },
  );
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

  test("answers 404 for another shopper's purchase", async () => {
    const purchase = aPurchase();
    const { app } = await withPurchases(purchase);
    const response = await request(app).get(`/api/purchases/eve/${purchase.purchaseId}`).expect(404);
    expect(problemDetailsSchema.parse(response.body).code).toBe('purchase-not-recorded');
  });

  test.each(['x', '..', '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d'])('answers 404 for the id %s', async (id) => {
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

  test('answers 400 to a cursor of another list', async () => {
    const { app } = await withPurchases(aPurchase(), aPurchase());
    const page = historyPageSchema.parse((await request(app).get('/api/purchases/ada?limit=1')).body);
    await request(app).get('/api/purchases').query({ cursor: page.next }).expect(400);
  });
});

describe('GET /api/purchases with a query', () => {
  const pageOf = async (app: Parameters<typeof request>[0], query: object) =>
    journalPageSchema.parse((await request(app).get('/api/purchases').query(query).expect(200)).body);

  test('answers the purchases of one shopper, by id or key, page by page', async () => {
    const adas = [aPurchase(), aPurchase(), aPurchase()];
    const { app } = await withPurchases(...adas, aPurchase({ shopperId: 'eve' }));
    for (const shopper of ['ada', shopperKey('ada')]) {
      const page = await pageOf(app, { shopper, limit: 2 });
      expect(page.totals.count).toBe(3);
      const rest = await pageOf(app, { shopper, limit: 2, cursor: page.next });
      const ids = [...page.purchases, ...rest.purchases].map(({ purchaseId }) => purchaseId);
      expect(ids).toEqual(adas.map(({ purchaseId }) => purchaseId).reverse());
      expect(rest.next).toBeUndefined();
    }
  });

  test('answers the purchase with an id, of any shopper, or none', async () => {
    const purchase = aPurchase({ shopperId: 'eve' });
    const { app } = await withPurchases(aPurchase(), purchase);
    const { purchaseId } = purchase;
    const found = {
      shopperId: 'eve',
      shopperName: 'Ada',
      purchaseId,
      total: purchase.total,
      recordedAt: '2026-01-01T00:00:02.000Z',
    };
    for (const query of [
      { purchaseId },
      { purchaseId: purchaseId.toUpperCase() },
      { purchaseId, shopper: 'eve' },
    ])
      expect((await pageOf(app, query)).purchases).toEqual([found]);
    for (const query of [
      { purchaseId, shopper: 'ada' },
      { purchaseId: aPurchase().purchaseId },
      { purchaseId, before: '2026-01-01T00:00:02Z' },
    ])
      expect((await pageOf(app, query)).purchases).toEqual([]);
  });

  test('answers the purchases recorded before a time, of all shoppers or one', async () => {
    const { app } = await withPurchases(aPurchase(), aPurchase({ shopperId: 'eve' }));
    for (const [query, count] of [
      [{ before: '2026-01-01T00:00:02.001Z' }, 2],
      [{ before: '2026-01-01T00:00:02Z' }, 0],
      [{ before: '2026-01-01T00:00:03Z', shopper: 'ada' }, 1],
      [{ before: '2026-01-01T00:00:02Z', shopper: 'ada' }, 0],
    ] as const)
      expect((await pageOf(app, query)).purchases).toHaveLength(count);
  });

  test('refuses a cursor of another list, and any cursor with a purchase id', async () => {
    const purchase = aPurchase();
    const { app } = await withPurchases(purchase, aPurchase());
    const ofAll = (await pageOf(app, { limit: 1 })).next;
    const ofOne = (await pageOf(app, { limit: 1, shopper: 'ada' })).next;
    const { purchaseId } = purchase;
    for (const query of [
      { cursor: ofAll, shopper: 'ada' },
      { cursor: ofOne },
      { cursor: ofAll, purchaseId },
      { cursor: ofOne, purchaseId, shopper: 'ada' },
    ]) {
      const response = await request(app).get('/api/purchases').query(query).expect(400);
      expect(problemDetailsSchema.parse(response.body).code).toBe('invalid-cursor');
    }
  });

  test.each([
    ['purchaseId=x', 'purchaseId'],
    ['before=yesterday', 'before'],
    ['before=2026-01-01', 'before'],
    ['shopper=', 'shopper'],
    ['month=2026-01', 'month'],
  ])('answers 400 to ?%s and names %s', async (query, path) => {
    const { app } = await withPurchases();
    const response = await request(app).get(`/api/purchases?${query}`).expect(400);
    expect(problemDetailsSchema.parse(response.body).errors?.map((error) => error.path)).toEqual([path]);
  });
});

describe('the other paths', () => {
  test.each(['/', '/api', '/api/purchases/a/b/c', '/events/purchases'])(
    'GET %s answers 404 as a problem',
    async (path) => {
      const { app } = await withPurchases();
      const response = await request(app).get(path).expect(404);
      expect(response.type).toBe('application/problem+json');
    },
  );

  test('GET /health/ready follows the lifecycle of the service, and /health/live does not', async () => {
    const { app, lifecycle } = await withPurchases();
    await request(app).get('/health/ready').expect(503, { status: 'starting' });
    lifecycle.ready();
    await request(app).get('/health/ready').expect(200, { status: 'ready' });
    await lifecycle.stop(0);
    await request(app).get('/health/ready').expect(503, { status: 'stopping' });
    await request(app).get('/health/live').expect(200);
  });

  test('GET /health names the part that is down, and so does /metrics', async () => {
    const { app, store } = await withPurchases();
    store.readFaults = 2;
    const response = await request(app).get('/health').expect(503);
    expect(response.body).toMatchObject({ status: 'down', checks: [{ name: 'statestore', status: 'down' }] });
    expect((await request(app).get('/metrics').expect(200)).text).toContain(
      'health_check_up{check="statestore"} 0',
    );
  });

  test('GET /health answers 200 while all parts work', async () => {
    const { app } = await withPurchases();
    await request(app).get('/health').expect(200);
  });

  test('GET /metrics counts requests by route template, never by path', async () => {
    const { app } = await withPurchases(aPurchase());
    await request(app).get('/api/purchases/ada').expect(200);
    await request(app).get('/api/somewhere/else').expect(404);
    const { text } = await request(app).get('/metrics');
    expect(text).toContain(
      'http_requests_total{method="GET",route="/api/purchases/:shopper",status="200"} 1',
    );
    expect(text).toContain('http_requests_total{method="GET",route="unmatched",status="404"} 1');
    expect(text).not.toMatch(/\bada\b/);
  });
});
