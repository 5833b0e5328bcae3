import { describe, expect, test } from '@jest/globals';
import { problemDetailsSchema, shopperKey } from '@unity-purchase/contracts';
import request from 'supertest';
import { v7 } from 'uuid';
import { createTestApp, notRecorded, purchaseIn, recorded, signedIn, unanswered } from '../fakes/test-app.js';

const emptyPage = { purchases: [], totals: { count: 0, sums: {} } };

async function bought() {
  const test = createTestApp();
  const agent = await signedIn(test);
  const response = await agent.post('/api/purchases').send({ lines: [{ sku: 'mug' }] });
  const location = response.headers['location'] ?? '';
  return { ...test, agent, location, purchase: purchaseIn(test.published[0]) };
}

describe('GET /api/purchases', () => {
  test("returns a page of the shopper's history, requested by shopper key so that no address contains an id", async () => {
    const test = createTestApp();
    test.behind.invoke = () => Promise.resolve({ status: 200, body: emptyPage });
    const agent = await signedIn(test, 'ada|/..', 'Ada');
    expect((await agent.get('/api/purchases?limit=5&cursor=abc').expect(200)).body).toEqual(emptyPage);
    expect(test.invoked).toEqual([`/api/purchases/${shopperKey('ada|/..')}?limit=5&cursor=abc`]);
  });

  test('searches, and reads a month or a year', async () => {
    const test = createTestApp();
    const body = { ...emptyPage, searched: { count: 0 } };
    test.behind.invoke = () => Promise.resolve({ status: 200, body });
    const agent = await signedIn(test);
    expect((await agent.get('/api/purchases?q=K%C3%BCche&year=2026').expect(200)).body).toEqual(body);
    expect(test.invoked[0]).toMatch(/\?limit=20&year=2026&q=K%C3%BCche$/);
    for (const query of ['q=', 'year=26', 'month=2026-01&year=2026'])
      await agent.get(`/api/purchases?${query}`).expect(400);
  });

  test('returns the problem when the service refuses the request', async () => {
    const test = createTestApp();
    const errors = [{ path: 'cursor', message: 'must be the "next" of a page' }];
    const body = { type: 'about:blank', title: 'Bad Request', status: 400, code: 'invalid-cursor', errors };
    test.behind.invoke = () => Promise.resolve({ status: 400, body });
    const response = await (await signedIn(test)).get('/api/purchases?cursor=x').expect(400);
    expect(problemDetailsSchema.parse(response.body)).toMatchObject({ code: 'invalid-cursor', errors });
  });

  test.each([
    ['cannot be reached', unanswered],
    ['fails', () => Promise.resolve({ status: 500, body: undefined })],
    ['answers with text', () => Promise.resolve({ status: 200, body: 'hello' })],
    ['answers with an unknown format', () => Promise.resolve({ status: 200, body: { purchases: [] } })],
    ['is not the purchase-service', () => Promise.resolve({ status: 404, body: { error: 'no such route' } })],
  ])('answers 503, never an empty list, when the service %s', async (_what, invoke) => {
    const test = createTestApp();
    test.behind.invoke = invoke;
    const agent = await signedIn(test);
    for (const path of ['/api/purchases', `/api/purchases/${v7()}`]) {
      const response = await agent.get(path).expect(503);
      expect(problemDetailsSchema.parse(response.body).code).toBe('history-unavailable');
      expect(response.headers['retry-after']).toBe('2');
    }
  });

  test('answers 401 without a session', async () => {
    await request(createTestApp().app).get('/api/purchases').expect(401);
  });
});

describe('GET /api/purchases/{id}', () => {
  test('answers accepted until the purchase is recorded, then recorded with its content', async () => {
    const { agent, behind, location, purchase } = await bought();
    expect((await agent.get(location).expect(200)).body).toEqual({
      status: 'accepted',
      purchaseId: purchase.purchaseId,
    });
    behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    expect((await agent.get(location).expect(200)).body).toEqual({
      status: 'recorded',
      purchaseId: purchase.purchaseId,
      ...recorded(purchase),
    });
  });

  test('answers 404 for a purchase that was never accepted, with or without a forged proof', async () => {
    const { agent, location } = await bought();
    const proof = new URL(location, 'http://shop').searchParams.get('accepted') ?? '';
    const forged = proof.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const other = `/api/purchases/${v7()}`;
    for (const path of [
      other,
      `${other}?accepted=${proof}`,
      `${other}?accepted=x`,
      location.replace(proof, forged),
    ]) {
      const response = await agent.get(path).expect(404);
      expect(problemDetailsSchema.parse(response.body).code).toBe('purchase-unknown');
    }
  });

  test('answers 410 with the time of the erasure when the purchases of the shopper were erased', async () => {
    const { agent, behind, location } = await bought();
    const erasedAt = new Date(Date.now() + 11 * 60_000).toISOString();
    behind.invoke = () =>
      Promise.resolve({ ...notRecorded, body: { ...(notRecorded.body as object), erasedAt } });
    const response = await agent.get(location).expect(410);
    expect(problemDetailsSchema.parse(response.body)).toMatchObject({ code: 'purchase-erased', erasedAt });
  });

  test("answers 404 for another shopper's purchase, even with its acceptance proof", async () => {
    const test = await bought();
    const eve = await signedIn(test, 'eve', 'Eve');
    test.behind.invoke = (path) => {
      expect(path).toContain(shopperKey('eve'));
      return Promise.resolve(notRecorded);
    };
    await eve.get(test.location).expect(404);
  });

  test('answers superseded when another order is recorded under the same id', async () => {
    const { agent, behind, location, purchase } = await bought();
    const lines = [{ sku: 'honey', title: 'Honey', quantity: 1, unitPrice: 995 }];
    const earlier = { ...purchase, lines, total: { amount: 995, currency: 'EUR' } };
    behind.invoke = () => Promise.resolve({ status: 200, body: recorded(earlier) });
    expect((await agent.get(location).expect(200)).body).toMatchObject({ status: 'superseded' });
  });

  test.each(['delayed', 'discarded'])(
    'answers %s when its event is a dead letter in that state',
    async (state) => {
      const { agent, behind, location, purchase } = await bought();
      const { purchaseId } = purchase;
      const body = { ...(notRecorded.body as object), code: `purchase-${state}` };
      behind.invoke = () => Promise.resolve({ status: 404, body });
      for (const path of [location, `/api/purchases/${purchaseId}`])
        expect((await agent.get(path).expect(200)).body).toEqual({ status: state, purchaseId });
      const page = await agent.get(`/purchases/${purchaseId}`).expect(200);
      expect(page.text).toContain(`data-state="${state}"`);
      expect(page.text).toContain(state === 'delayed' ? 'do not buy it again' : 'did not go through');
    },
  );

  test('answers accepted for an accepted purchase while the service is unavailable', async () => {
    const { agent, behind, location } = await bought();
    behind.invoke = unanswered;
    expect((await agent.get(location).expect(200)).body).toMatchObject({ status: 'accepted' });
  });

  test.each(['x', '..%2f..', '%00', '🙂', 'a'.repeat(5000)])('answers 404 for the id %j', async (id) => {
    const { agent } = await bought();
    const response = await agent
      .get(`/api/purchases/${id.includes('%') ? id : encodeURIComponent(id)}`)
      .expect(404);
    expect(response.type).toBe('application/problem+json');
  });
});

test.each(['/api', '/api/', '/api/nothing', '/api/purchases/a/b'])(
  'GET %s answers 404 with a problem',
  async (path) => {
    const response = await request(createTestApp().app).get(path).expect(404);
    expect(problemDetailsSchema.parse(response.body).code).toBe('not-found');
  },
);
