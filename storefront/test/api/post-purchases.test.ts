import { describe, expect, test } from '@jest/globals';
import {
  problemDetailsSchema,
  purchaseIdSchema,
  purchasePlacedSchema,
  shopperKey,
  type ProblemDetails,
  type Purchase,
} from '@unity-purchase/contracts';
import { DaprError } from '@unity-purchase/service-kit';
import request from 'supertest';
import { v7 } from 'uuid';
import {
  createTestApp,
  purchaseIn,
  recorded,
  signedIn,
  unanswered,
  unreachable,
  type TestApp,
} from '../fakes/test-app.js';

const order = { lines: [{ sku: 'mug', quantity: 2 }] };

async function post(body: unknown, headers: Record<string, string> = {}) {
  const test = createTestApp();
  const agent = await signedIn(test);
  const response = await agent
    .post('/api/purchases')
    .set({ 'Content-Type': 'application/json', ...headers })
    .send(typeof body === 'string' ? body : JSON.stringify(body));
  return { ...test, agent, response };
}

const problemOf = (response: request.Response): ProblemDetails => {
  expect(response.type).toBe('application/problem+json');
  return problemDetailsSchema.parse(response.body);
};

describe('POST /api/purchases: 202', () => {
  test('publishes the priced purchase and returns its id, its total and the address of its status', async () => {
    const { response, published, registry } = await post(order);
    expect(response.status).toBe(202);
    const { purchaseId } = response.body as { purchaseId: string };
    expect(response.body).toEqual({
      status: 'accepted',
      purchaseId,
      total: { amount: 3200, currency: 'EUR' },
    });
    expect(response.headers['location']).toMatch(new RegExp(`^/api/purchases/${purchaseId}\\?accepted=`));
    expect(published).toMatchObject([
      {
        component: 'pubsub',
        topic: 'purchase-events',
        partitionKey: shopperKey('ada'),
      },
    ]);
    const event = purchasePlacedSchema.parse(published[0]?.event);
    expect(event.data).toMatchObject({
      purchaseId,
      shopper: { id: 'ada', name: 'Ada' },
      lines: [{ sku: 'mug', title: 'Mug', quantity: 2, unitPrice: 1600 }],
    });
    const metrics = await registry.metrics();
    expect(metrics).toContain('purchases_accepted_total 1');
    expect(metrics).toContain('purchase_amount_major_units_sum{currency="EUR"} 32');
  });

  test('uses the Idempotency-Key as the purchase id', async () => {
    const key = v7();
    const { response, published } = await post(order, { 'Idempotency-Key': key.toUpperCase() });
    expect(response.status).toBe(202);
    expect(purchaseIn(published[0]).purchaseId).toBe(key);
  });

  test('takes a key in quotes, as the IETF draft writes it, for the same key', async () => {
    const key = v7();
    const { response, published } = await post(order, { 'Idempotency-Key': `"${key}"` });
    expect(response.status).toBe(202);
    expect(purchaseIn(published[0]).purchaseId).toBe(key);
  });

  test('accepts an amount from the client for the any-amount item', async () => {
    const { published } = await post({ lines: [{ sku: 'any-amount', amount: 1234 }] });
    expect(purchaseIn(published[0]).total).toEqual({ amount: 1234, currency: 'EUR' });
  });
});

/** A catalogue that sells mugs at a price. */
const mugsAt = (price: number) => ({
  currencies: ['EUR'],
  categories: [{ id: 'things', title: 'Things' }],
  products: [
    { sku: 'mug', title: 'Mug', description: 'Well made.', category: 'things', prices: { EUR: price } },
  ],
  anyAmount: {
    sku: 'any-amount',
    title: 'Any amount',
    description: 'You choose.',
    bounds: { EUR: { min: 1, max: 1000 } },
  },
});

/** Sends an order under a key to a shop, as the same shopper every time. */
async function postTo(test: TestApp, key: string, body: object) {
  return (await signedIn(test)).post('/api/purchases').set('Idempotency-Key', key).send(body);
}

const problem = { type: 'about:blank', title: 'Not Found', status: 404 };

const anAmount = (amount: number) => ({ lines: [{ sku: 'any-amount', amount }] });

describe('POST /api/purchases under a key that was used before', () => {
  /** A shop that sells mugs for 10 €, and one that sells them for 12 € and whose history has the purchase from the first. */
  async function afterPriceChange(key: string, body: object) {
    const before = createTestApp({ catalogue: mugsAt(1000) });
    const first = await postTo(before, key, body);
    const purchase = purchaseIn(before.published[0]);
    const after = createTestApp({ catalogue: mugsAt(1200) });
    after.behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    return { first, after, purchase };
  }
  const minuteOldKey = () => v7({ msecs: Date.now() - 60_000 });

  test('returns the first answer to the same order after a price change, and its status is recorded', async () => {
    const key = minuteOldKey();
    const { first, after } = await afterPriceChange(key, order);
    const again = await postTo(after, key, order);
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(again.body).toMatchObject({ total: { amount: 2000 } });
    expect(after.published).toEqual([]);
    const status = await (await signedIn(after)).get(String(again.headers['location']));
    expect(status.body).toMatchObject({ status: 'recorded', purchase: { total: { amount: 2000 } } });
  });

  test('published again at another price, the same order is recorded, not superseded', async () => {
    const key = v7();
    const { after, purchase } = await afterPriceChange(key, order);
    const again = await postTo(after, key, order);
    expect(again.body).toMatchObject({ status: 'accepted', total: { amount: 2400 } });
    expect(purchaseIn(after.published[0]).total).not.toEqual(purchase.total);
    const status = await (await signedIn(after)).get(String(again.headers['location']));
    expect(status.body).toMatchObject({ status: 'recorded', purchase: { total: { amount: 2000 } } });
  });

  test.each<[string, object, object]>([
    ['quantity', order, { lines: [{ sku: 'mug', quantity: 3 }] }],
    ['product', order, anAmount(1000)],
    ['amount', anAmount(500), anAmount(700)],
  ])('answers 422 to another %s that the history knows, and publishes nothing', async (_what, one, other) => {
    const key = minuteOldKey();
    const { after } = await afterPriceChange(key, one);
    const response = await postTo(after, key, other);
    expect([response.status, problemOf(response).code]).toEqual([422, 'idempotency-key-reused']);
    expect(response.headers['location']).toMatch(`/api/purchases/${key}?accepted=`);
    expect(after.published).toEqual([]);
  });

  test('answers 422 to four of five orders that arrive at once', async () => {
    const test = createTestApp();
    const key = v7();
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((quantity) => postTo(test, key, { lines: [{ sku: 'mug', quantity }] })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 422, 422, 422, 422]);
    expect(test.published).toHaveLength(1);
  });

  test('lets another shopper use the same key', async () => {
    const test = createTestApp();
    const key = v7();
    await postTo(test, key, order);
    const eve = await signedIn(test, 'eve', 'Eve');
    await eve.post('/api/purchases').set('Idempotency-Key', key).send(anAmount(500)).expect(202);
    expect(test.published).toHaveLength(2);
  });

  test.each([
    ['fails', () => Promise.reject(new DaprError('no-answer', 'no answer'))],
    ['does not answer', () => new Promise<never>(() => undefined)],
  ])('publishes the order if the history %s: the purchase-service decides', async (_what, invoke) => {
    const test = createTestApp();
    test.behind.invoke = invoke;
    expect((await postTo(test, minuteOldKey(), order)).status).toBe(202);
    expect(test.published).toHaveLength(1);
  });

  test('asks the history for a key that may be a retry, and not for a fresh one', async () => {
    const test = createTestApp();
    await postTo(test, v7(), order);
    expect(test.invoked).toEqual([]);
    await postTo(test, minuteOldKey(), order);
    expect(test.invoked).toHaveLength(1);
  });

  test('repeats an order that was not confirmed at the price of the first attempt', async () => {
    const test = createTestApp();
    const key = v7();
    test.behind.publish = (publication) => {
      attempts.push(purchaseIn(publication));
      return attempts.length === 1 ? unanswered() : Promise.resolve();
    };
    const attempts: Purchase[] = [];
    await postTo(test, key, order);
    expect((await postTo(test, key, order)).status).toBe(202);
    expect(attempts[1]).toEqual(attempts[0]);
  });
});

describe('POST /api/purchases with an expected total', () => {
  const expecting = (amount: number, currency = 'EUR') => ({ ...order, expectedTotal: { amount, currency } });

  test('buys at that total', async () => {
    const { response, published } = await post(expecting(3200));
    expect(response.status).toBe(202);
    expect(purchaseIn(published[0]).total).toEqual({ amount: 3200, currency: 'EUR' });
  });

  test.each([
    ['another amount', expecting(3100)],
    ['another currency', expecting(3200, 'USD')],
  ])('answers 409 with the current total if it is %s, and buys nothing', async (_what, body) => {
    const { response, published } = await post(body);
    expect(response.status).toBe(409);
    expect(problemOf(response)).toMatchObject({
      code: 'price-changed',
      total: { amount: 3200, currency: 'EUR' },
    });
    expect(published).toEqual([]);
  });

  test('can be sent again under the same key with the total of the answer', async () => {
    const test = createTestApp({ catalogue: mugsAt(1200) });
    const key = v7();
    const refused = await postTo(test, key, expecting(2000));
    const { total } = problemOf(refused);
    const accepted = await postTo(test, key, { ...order, expectedTotal: total });
    expect(accepted.body).toMatchObject({ status: 'accepted', purchaseId: key, total: { amount: 2400 } });
    expect(test.published).toHaveLength(1);
  });

  test('returns the first answer to an order that was accepted before the price changed', async () => {
    const key = v7({ msecs: Date.now() - 60_000 });
    const before = createTestApp({ catalogue: mugsAt(1000) });
    const first = await postTo(before, key, expecting(2000));
    expect(first.status).toBe(202);
    const after = createTestApp({ catalogue: mugsAt(1200) });
    after.behind.invoke = () =>
      Promise.resolve({ status: 200, body: recorded(purchaseIn(before.published[0])) });
    const again = await postTo(after, key, expecting(2000));
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(after.published).toEqual([]);
  });

  test.each([
    1,
    -1,
    1.5,
    '3200',
    { amount: 0.5, currency: 'EUR' },
    { amount: 3200 },
    { amount: 3200, currency: 'euro' },
  ])('answers 400 to %j and says where', async (expectedTotal) => {
    const { response, published } = await post({ ...order, expectedTotal });
    expect(response.status).toBe(400);
    expect(problemOf(response).errors?.[0]?.path).toMatch(/^expectedTotal/);
    expect(published).toEqual([]);
  });
});

describe('POST /api/purchases under a key that is not a UUIDv7', () => {
  const idIn = (response: request.Response) => (response.body as { purchaseId: string }).purchaseId;

  test.each([
    'order-17',
    '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d',
    '../../etc/passwd',
    'a||b',
    '$where',
    'x'.repeat(255),
    '00000000-0000-7000-8000-000000000000',
  ])('places the purchase under an id of its own: %s', async (key) => {
    const test = createTestApp();
    const response = await postTo(test, key, order);
    expect(response.status).toBe(202);
    const id = idIn(response);
    expect(id).not.toBe(key);
    expect(purchaseIdSchema.parse(id)).toBe(id);
    expect(purchaseIn(test.published[0]).purchaseId).toBe(id);
    expect(response.headers['location']).toMatch(`/api/purchases/${id}?accepted=`);
    for (const same of [key, `"${key}"`])
      expect((await postTo(test, same, order)).body).toEqual(response.body);
    expect(test.published).toHaveLength(1);
  });

  test('returns the same answer from a replica that never saw it, and 422 to another order, once it is recorded', async () => {
    const first = createTestApp();
    const answer = await postTo(first, 'order-17', order);
    const purchase = purchaseIn(first.published[0]);
    const other = createTestApp();
    other.behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    const again = await postTo(other, 'order-17', order);
    expect([again.status, again.body]).toEqual([202, answer.body]);
    const status = await (await signedIn(other)).get(`/api/purchases/${idIn(answer)}`);
    expect(status.body).toMatchObject({ status: 'recorded', purchase: { purchaseId: idIn(answer) } });
    const refused = await postTo(other, 'order-17', anAmount(500));
    expect([refused.status, problemOf(refused).code]).toEqual([422, 'idempotency-key-reused']);
    expect(other.published).toEqual([]);
  });

  test('publishes another order that is not known to be one under the same id: the first that is recorded decides', async () => {
    const replicas = [createTestApp(), createTestApp()];
    for (const [index, replica] of replicas.entries())
      expect((await postTo(replica, 'order-17', anAmount(100 + index))).status).toBe(202);
    const [one, other] = replicas.map(({ published }) => purchaseIn(published[0]));
    expect(one?.purchaseId).toBe(other?.purchaseId);
  });

  test('gives two shoppers with the same key two purchases', async () => {
    const test = createTestApp();
    const ofAda = await postTo(test, 'order-17', order);
    const eve = await signedIn(test, 'eve', 'Eve');
    const ofEve = await eve.post('/api/purchases').set('Idempotency-Key', 'order-17').send(anAmount(500));
    expect([ofAda.status, ofEve.status]).toEqual([202, 202]);
    expect(idIn(ofAda)).not.toBe(idIn(ofEve));
    // Nor with the id of the other's purchase.
    const copied = await eve.post('/api/purchases').set('Idempotency-Key', idIn(ofAda)).send(order);
    expect(idIn(copied)).not.toBe(idIn(ofAda));
    expect(test.published).toHaveLength(3);
  });

  test('buys once when a client repeats an unconfirmed order with the purchaseId as its key', async () => {
    const test = createTestApp();
    test.behind.publish = unanswered;
    const { purchaseId } = problemOf(await postTo(test, 'order-17', order));
    test.behind.publish = () => Promise.resolve();
    for (const key of [String(purchaseId), 'order-17'])
      expect(idIn(await postTo(test, key, order))).toBe(purchaseId);
    expect(test.published).toHaveLength(1);
  });

  test('says "unknown" about a purchase without a proof, because the time of its order is unknown', async () => {
    const test = createTestApp();
    const id = idIn(await postTo(test, 'order-17', order));
    test.behind.invoke = () =>
      Promise.resolve({
        status: 404,
        body: { ...problem, code: 'purchase-not-recorded', erasedAt: new Date().toISOString() },
      });
    const response = await (await signedIn(test)).get(`/api/purchases/${id}`);
    expect([response.status, problemOf(response).code]).toEqual([404, 'purchase-unknown']);
  });

  test('keeps the key out of events, logs and answers', async () => {
    const test = createTestApp();
    const key = 'invoice 4711 of Ada Lovelace';
    const answers = [await postTo(test, key, order)];
    test.behind.publish = unanswered;
    answers.push(await postTo(test, `${key}, again`, order), await postTo(test, `"${key}`, order));
    expect(answers.map(({ status }) => status)).toEqual([202, 503, 400]);
    for (const response of answers)
      expect(response.text + JSON.stringify(response.headers)).not.toContain('4711');
    expect(test.logLines.length).toBeGreaterThan(2);
    expect(test.logLines.join('') + JSON.stringify(test.published)).not.toContain('4711');
  });
});

describe('POST /api/purchases: 400', () => {
  test.each([
    ['no lines', { lines: [] }, 'lines'],
    ['too many lines', { lines: Array.from({ length: 21 }, () => ({ sku: 'mug' })) }, 'lines'],
    ['nothing', {}, 'lines'],
    ['a list', [], ''],
    ['null', null, ''],
    ['a quantity of 0', { lines: [{ sku: 'mug', quantity: 0 }] }, 'lines.0.quantity'],
    ['a negative quantity', { lines: [{ sku: 'mug', quantity: -1 }] }, 'lines.0.quantity'],
    ['a quantity of 10^9', { lines: [{ sku: 'mug', quantity: 1e9 }] }, 'lines.0.quantity'],
    ['a quantity of 1.5', { lines: [{ sku: 'mug', quantity: 1.5 }] }, 'lines.0.quantity'],
    ['a quantity as a text', { lines: [{ sku: 'mug', quantity: '1' }] }, 'lines.0.quantity'],
    ['an unknown sku', { lines: [{ sku: 'unicorn' }] }, 'lines.0.sku'],
    ['a sku with a path in it', { lines: [{ sku: '../../mug' }] }, 'lines.0.sku'],
    ['a sku of Object', { lines: [{ sku: '__proto__' }] }, 'lines.0.sku'],
    ['a price', { lines: [{ sku: 'mug', unitPrice: 1 }] }, 'lines.0.unitPrice'],
    ['an amount for an item with a price', { lines: [{ sku: 'mug', amount: 1 }] }, 'lines.0.amount'],
    ['no amount where one is needed', { lines: [{ sku: 'any-amount' }] }, 'lines.0.amount'],
    ['an amount of 0', { lines: [{ sku: 'any-amount', amount: 0 }] }, 'lines.0.amount'],
    ['a negative amount', { lines: [{ sku: 'any-amount', amount: -100 }] }, 'lines.0.amount'],
    ['a fraction of a cent', { lines: [{ sku: 'any-amount', amount: 100.5 }] }, 'lines.0.amount'],
    ['a huge amount', { lines: [{ sku: 'any-amount', amount: 1e15 }] }, 'lines.0.amount'],
    ['an unknown field', { ...order, coupon: 'FREE' }, 'coupon'],
  ])('for %s names the field and publishes nothing', async (_what, body, path) => {
    const { response, published } = await post(body);
    expect(response.status).toBe(400);
    const problem = problemOf(response);
    expect(problem.code).toBe('invalid-request');
    expect(problem.errors?.map((error) => error.path)).toContain(path);
    expect(published).toEqual([]);
  });

  test.each(['{"lines":', 'NaN', '{"lines":[{"sku":"any-amount","amount":NaN}]}', ''])(
    'for %j, which is not a JSON object, publishes nothing',
    async (body) => {
      const { response, published } = await post(body);
      expect(response.status).toBe(400);
      expect(problemOf(response).code).toMatch(/malformed-body|invalid-request/);
      expect(published).toEqual([]);
    },
  );

  test.each([
    ['', 'purchase-id-malformed'],
    ['x'.repeat(256), 'purchase-id-malformed'],
    ['café', 'purchase-id-malformed'],
    ['a\tb', 'purchase-id-malformed'],
    [`"${v7()}`, 'purchase-id-malformed'],
    [`""${v7()}""`, 'purchase-id-malformed'],
    [`"${v7()}";v=1`, 'purchase-id-malformed'],
    [v7({ msecs: Date.now() - 25 * 3_600_000 }), 'purchase-id-expired'],
    [v7({ msecs: Date.now() + 6 * 60_000 }), 'purchase-id-in-the-future'],
  ])('for the Idempotency-Key %s has the code %s', async (key, code) => {
    const { response, published } = await post(order, { 'Idempotency-Key': key });
    expect(response.status).toBe(400);
    expect(problemOf(response).code).toBe(code);
    expect(published).toEqual([]);
  });
});

test('POST /api/purchases: 401 without a session, with a malformed one, and with one of another secret', async () => {
  const test = createTestApp();
  const stranger = await signedIn(createTestApp({ secret: 'b'.repeat(64) }));
  const foreign = await stranger.get('/');
  expect(foreign.text).toContain('Ada');
  const cookies = [
    '',
    'session=nonsense',
    `session=${'x'.repeat(3000)}`,
    'session=a*b*c*d*e*f*g*h~2',
    'session=Fe26.2*1*a*b*c*d*e*f~2',
    cookieOf(stranger),
  ];
  for (const cookie of cookies) {
    const response = await request(test.app).post('/api/purchases').set('Cookie', cookie).send(order);
    expect([response.status, problemOf(response).code]).toEqual([401, 'not-signed-in']);
  }
  expect(test.published).toEqual([]);
});

function cookieOf(agent: Awaited<ReturnType<typeof signedIn>>): string {
  const { jar } = agent as unknown as {
    jar: { getCookies: (access: unknown) => { toValueString: () => string } };
  };
  return jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString();
}

test('POST /api/purchases: 403 from another site', async () => {
  const { response, published } = await post(order, { 'Sec-Fetch-Site': 'cross-site' });
  expect([response.status, problemOf(response).code]).toEqual([403, 'cross-origin']);
  expect(published).toEqual([]);
});

test('POST /api/purchases: 413 for a body of 300 kB', async () => {
  const { response } = await post({ ...order, note: 'x'.repeat(300_000) });
  expect([response.status, problemOf(response).code]).toEqual([413, 'body-too-large']);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
  'POST /api/purchases: 415 for %s',
  async (type) => {
    const { response, published } = await post('{"lines":[{"sku":"mug"}]}', { 'Content-Type': type });
    expect([response.status, problemOf(response).code]).toEqual([415, 'unsupported-media-type']);
    expect(published).toEqual([]);
  },
);

describe('POST /api/purchases: 503', () => {
  test.each([
    ['never reached the sidecar', unreachable, 'purchase-not-accepted'],
    ['got no answer', unanswered, 'purchase-not-confirmed'],
    [
      'the broker did not acknowledge',
      () => Promise.reject(new DaprError('failed', 'timeout', { status: 500 })),
      'purchase-not-confirmed',
    ],
    [
      'the sidecar refused',
      () => Promise.reject(new DaprError('refused', 'no such topic', { status: 404 })),
      'purchase-not-accepted',
    ],
  ])(
    'when the event %s reports what is known, and the same key works later',
    async (_what, failure, code) => {
      const test = createTestApp();
      const agent = await signedIn(test);
      const key = v7();
      test.behind.publish = failure;
      const response = await agent.post('/api/purchases').set('Idempotency-Key', key).send(order);
      expect(response.status).toBe(503);
      expect(problemOf(response).code).toBe(code);
      expect(response.headers['retry-after']).toBe('5');
      expect(response.text).not.toMatch(/timeout|topic/);
      expect(await test.registry.metrics()).not.toContain('purchases_accepted_total 1');

      test.behind.publish = () => Promise.resolve();
      await agent.post('/api/purchases').set('Idempotency-Key', key).send(order).expect(202);
      expect(test.published.map((publication) => purchaseIn(publication).purchaseId)).toEqual([key]);
    },
  );

  test('without a key returns the purchase id that was created, so that the client can retry with it', async () => {
    const test = createTestApp();
    test.behind.publish = unanswered;
    const response = await (await signedIn(test)).post('/api/purchases').send(order).expect(503);
    expect(purchaseIdSchema.safeParse(problemOf(response)['purchaseId']).success).toBe(true);
    expect(problemOf(response).detail).toContain('without it you may buy twice');
  });
});

test('the log contains no shopper, no name and no amount', async () => {
  const test = createTestApp();
  const agent = await signedIn(test, 'ada-1815', 'Ada Lovelace');
  await agent.post('/api/purchases').send({ lines: [{ sku: 'any-amount', amount: 987_654 }] });
  test.behind.publish = unanswered;
  await agent.post('/api/purchases').send({ lines: [{ sku: 'any-amount', amount: 987_654 }] });
  await agent.get('/purchases/x').expect(404);
  expect(test.logLines.length).toBeGreaterThan(3);
  expect(test.logLines.join('')).not.toMatch(/ada-1815|Lovelace|98765|9876\.54/);
});
