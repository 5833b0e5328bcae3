import { describe, expect, test } from '@jest/globals';
import {
  deadLetterApiPath,
  deadLetterDetailsSchema,
  deadLetterPageSchema,
  deadLetterSchema,
  eventRoutes,
  problemDetailsSchema,
  purchasePlaced,
  replayOfAttribute,
  shopperApiPath,
  type Purchase,
} from '@unity-purchase/contracts';
import { createHash } from 'node:crypto';
import request from 'supertest';
import { aPurchase } from '../fakes/purchases.js';
import { readContent } from '../../src/dead-letters/dead-letter-content.js';
import { createTestApp } from '../fakes/test-app.js';
import { whileUnrecordable } from '../fakes/unrecordable.js';

type TestApp = ReturnType<typeof createTestApp>;

/** Delivers a message to an app that cannot record a purchase for its shopper, if it names one. */
function deliver(test: TestApp, message: Buffer | string | object): Promise<unknown> {
  const { event } = readContent(bytesOf(message));
  const delivery = () => deliverAsIs(test, message);
  return event === undefined ? delivery() : whileUnrecordable(test.store, event.subject, delivery);
}

function bytesOf(message: Buffer | string | object): Buffer {
  if (Buffer.isBuffer(message)) return message;
  return Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
}

/** Delivers a message as the sidecar does for a subscription with raw payloads. */
async function deliverAsIs({ app }: TestApp, message: Buffer | string | object): Promise<unknown> {
  const data_base64 = bytesOf(message).toString('base64');
  const response = await request(app)
    .post(eventRoutes.deadLetters)
    .set('Content-Type', 'application/cloudevents+json')
    .send(JSON.stringify({ specversion: '1.0', id: 'x', topic: 'dead', data_base64 }));
  expect(response.status).toBe(200);
  return (response.body as { status: unknown }).status;
}

async function list({ app }: TestApp, query = '') {
  return deadLetterPageSchema.parse(
    (await request(app).get(`${deadLetterApiPath}${query}`).expect(200)).body,
  );
}

async function only(test: TestApp) {
  const { deadLetters } = await list(test);
  expect(deadLetters).toHaveLength(1);
  return deadLetterSchema.parse(deadLetters[0]);
}

async function show({ app }: TestApp, id: string) {
  return deadLetterDetailsSchema.parse(
    (await request(app).get(`${deadLetterApiPath}/${id}`).expect(200)).body,
  );
}

const decide = ({ app }: TestApp, id: string, decision: string) =>
  request(app).post(`${deadLetterApiPath}/${id}/${decision}`);

const record = ({ app }: TestApp, purchase: Purchase) =>
  request(app).post(eventRoutes.purchases).send(purchasePlaced(purchase)).expect(200, { status: 'SUCCESS' });

const statusOf = ({ app }: TestApp, { shopper, purchaseId }: Purchase) =>
  request(app).get(`/api/purchases/${shopper.id}/${purchaseId}`);

const codeOf = (response: { body: unknown }) => problemDetailsSchema.parse(response.body).code;

describe('a dead letter', () => {
  test.each<[what: string, message: Buffer | string | object, reason: string]>([
    ['that is not text', Buffer.from([0xff, 0x00, 0xfe]), 'unreadable'],
    ['that is empty', '', 'unreadable'],
    ['that is not JSON', '{"half":', 'unreadable'],
    ['that is not a CloudEvent', '[1, 2]', 'invalid'],
    ['of another type', { ...purchasePlaced(aPurchase()), type: 'purchase.placed.v9' }, 'invalid'],
    ['whose purchase could not be recorded in time', purchasePlaced(aPurchase()), 'not-recorded'],
  ])('%s is kept unchanged with the reason', async (_what, message, reason) => {
    const app = createTestApp();
    expect(await deliver(app, message)).toBe('SUCCESS');
    const letter = await only(app);
    expect([letter.reason, letter.state, letter.replays]).toEqual([reason, 'waiting', 0]);
    const details = await show(app, letter.id);
    expect(details.base64).toBe(bytesOf(message).toString('base64'));
    expect(details.replayable).toBe(reason === 'not-recorded');
    expect(details.problems.length > 0).toBe(!details.replayable);
    expect(await app.registry.metrics()).toContain(`dead_letters_total{reason="${reason}"} 1`);
    expect(app.logLines.join('')).toContain(letter.id);
  });

  test('that replays an event in conflict with the recorded purchase has that reason', async () => {
    const app = createTestApp();
    const purchase = aPurchase();
    await record(app, purchase);
    const other = purchasePlaced(aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 999 }));
    await deliverAsIs(app, { ...other, [replayOfAttribute]: '0'.repeat(32) });
    const letter = await only(app);
    expect([letter.reason, letter.purchaseId]).toEqual(['contradicts-record', purchase.purchaseId]);
  });

  test('is not kept for an event in conflict that could not be recorded in time: it is only counted', async () => {
    const app = createTestApp();
    const purchase = aPurchase();
    await record(app, purchase);
    await deliverAsIs(app, purchasePlaced(aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 999 })));
    expect((await list(app)).deadLetters).toEqual([]);
    expect(await app.registry.metrics()).toContain('purchase_conflicts_total 1');
  });

  test('that is redelivered is the same dead letter', async () => {
    const app = createTestApp();
    for (let time = 0; time < 3; time += 1) await deliver(app, 'poison');
    await only(app);
  });

  test.each(['readFaults', 'saveFaults'] as const)(
    'that cannot be kept (%s) is redelivered and then kept',
    async (fault) => {
      const app = createTestApp();
      const event = { ...purchasePlaced(aPurchase()), type: 'purchase.placed.v9' };
      app.store[fault] = 1;
      expect(await deliver(app, event)).toBe('RETRY');
      expect(await deliver(app, event)).toBe('SUCCESS');
      expect((await only(app)).reason).toBe('invalid');
    },
  );

  test.each(['refuse', 'lose-response'] as const)(
    'is kept once when its create ends with %s',
    async (fault) => {
      const app = createTestApp();
      app.store.createFaults.push(fault);
      const first = await deliver(app, 'poison');
      expect(first).toBe(fault === 'refuse' ? 'RETRY' : 'SUCCESS');
      await deliver(app, 'poison');
      await only(app);
    },
  );

  test('is never logged with its content', async () => {
    const app = createTestApp();
    const purchase = aPurchase({ shopperId: 'ada-1815', name: 'Ada Lovelace', unitPrice: 987_654 });
    await deliver(app, { ...purchasePlaced(purchase), type: 'x', 'ada-1815': 1 });
    await deliver(app, purchasePlaced(purchase));
    for (const { id } of (await list(app)).deadLetters) await decide(app, id, 'discard').expect(200);
    expect(app.logLines.length).toBeGreaterThan(4);
    expect(app.logLines.join('')).not.toMatch(/ada-1815|Lovelace|987654/);
  });
});

describe('a dead letter of 3.5 MB', () => {
  const bytesMax = 1024 * 1024;

  /** An app over a store that refuses values of more than a megabyte, as stores and sidecars do. */
  function createSmallValuesApp(): TestApp {
    const app = createTestApp();
    const create = app.store.createIfAbsent.bind(app.store);
    app.store.createIfAbsent = (key, value) =>
      value.length > bytesMax
        ? Promise.resolve({ created: false, cause: new Error('stream too large') })
        : create(key, value);
    return app;
  }

  const padding = 'é'.repeat(1_750_000);

  test.each<[what: string, message: string, reason: string]>([
    ['that is valid', JSON.stringify({ ...purchasePlaced(aPurchase()), padding }), 'not-recorded'],
    ['that is not an event', JSON.stringify({ padding }), 'invalid'],
    ['that is not JSON', padding, 'unreadable'],
  ])(
    '%s is kept with its hash and size, cannot be replayed, and does not block others',
    async (_what, message, reason) => {
      const app = createSmallValuesApp();
      expect(await deliver(app, message)).toBe('SUCCESS');
      const { id } = await only(app);
      const details = await show(app, id);
      expect(details).toMatchObject({
        reason,
        replayable: false,
        truncated: {
          bytes: Buffer.byteLength(message),
          sha256: createHash('sha256').update(message).digest('hex'),
        },
      });
      expect(message.startsWith(details.text ?? 'nothing')).toBe(true);
      expect(codeOf(await decide(app, id, 'replay').expect(409))).toBe('dead-letter-truncated');
      await decide(app, id, 'discard').expect(200);
      expect(await deliver(app, 'poison')).toBe('SUCCESS');
      expect((await list(app)).deadLetters).toHaveLength(2);
    },
  );

  test('delays its purchase, and is the same dead letter when it is redelivered', async () => {
    const app = createSmallValuesApp();
    const purchase = aPurchase();
    for (let time = 0; time < 2; time += 1)
      await deliver(app, { padding, ...purchasePlaced(purchase), type: 'purchase.placed.v9' });
    await only(app);
    expect(codeOf(await statusOf(app, purchase).expect(404))).toBe('purchase-delayed');
    await request(app.app).delete(`${shopperApiPath}/${purchase.shopper.id}`).expect(200);
    expect((await list(app)).deadLetters).toEqual([]);
    expect([...app.store.values.keys()].filter((key) => key.startsWith('dead-letter'))).toEqual([
      'dead-letters:1',
    ]);
  });
});

test('a dead letter is kept although the history of its shopper is damaged', async () => {
  const app = createTestApp();
  const purchase = aPurchase();
  await record(app, purchase);
  for (const key of app.store.values.keys())
    if (key.startsWith('history:')) app.store.values.set(key, 'nonsense');
  expect(await deliver(app, purchasePlaced(purchase))).toBe('SUCCESS');
  expect((await only(app)).reason).toBe('not-recorded');
});

test('the list has each dead letter once, newest first, in pages', async () => {
  const app = createTestApp();
  for (const name of ['first', 'second', 'third']) await deliver(app, name);
  const page = await list(app, '?limit=2');
  const rest = await list(app, `?limit=2&cursor=${page.next}`);
  const texts = await Promise.all(
    [...page.deadLetters, ...rest.deadLetters].map(async ({ id }) => (await show(app, id)).text),
  );
  expect(texts).toEqual(['third', 'second', 'first']);
  expect(rest.next).toBeUndefined();
  await request(app.app).get(`${deadLetterApiPath}?cursor=x`).expect(400);
});

describe('replaying', () => {
  test('publishes the event under a new id, and its purchase gets recorded', async () => {
    const app = createTestApp();
    const purchase = aPurchase();
    const event = purchasePlaced(purchase);
    await deliver(app, event);
    const { id } = await only(app);
    const response = await decide(app, id, 'replay').expect(202);
    expect(deadLetterSchema.parse(response.body)).toMatchObject({ id, state: 'replayed', replays: 1 });
    expect(app.published).toEqual([{ ...event, id: 'event-1', replayof: id }]);
    await request(app.app)
      .post(eventRoutes.purchases)
      .send(app.published[0])
      .expect(200, { status: 'SUCCESS' });
    expect((await show(app, id)).recordedAt).toBeDefined();
    await statusOf(app, purchase).expect(200);
  });

  test('records the purchase once when it is replayed twice', async () => {
    const app = createTestApp();
    await deliver(app, purchasePlaced(aPurchase()));
    const { id } = await only(app);
    for (const replays of [1, 2])
      expect(deadLetterSchema.parse((await decide(app, id, 'replay')).body).replays).toBe(replays);
    for (const event of app.published)
      await request(app.app).post(eventRoutes.purchases).send(event).expect(200, { status: 'SUCCESS' });
    expect(await app.registry.metrics()).toContain('purchases_recorded_total 1');
    expect(await app.registry.metrics()).toContain('dead_letter_decisions_total{decision="replay"} 2');
  });

  test('makes the same dead letter wait again if the event fails again', async () => {
    const app = createTestApp();
    await deliver(app, purchasePlaced(aPurchase()));
    const { id } = await only(app);
    await decide(app, id, 'replay').expect(202);
    await deliver(app, app.published[0] ?? '');
    expect(await only(app)).toMatchObject({ id, state: 'waiting', replays: 1 });
  });

  test('does not mistake an event with other content for the replay that it claims to be', async () => {
    const app = createTestApp();
    await deliver(app, purchasePlaced(aPurchase()));
    const { id } = await only(app);
    await deliver(app, { ...purchasePlaced(aPurchase()), replayof: id });
    expect((await list(app)).deadLetters).toHaveLength(2);
  });

  test('refuses an event that is not valid and says why', async () => {
    const app = createTestApp();
    await deliver(app, '{"type":"purchase.placed.v9"}');
    const { id } = await only(app);
    const response = await decide(app, id, 'replay').expect(409);
    expect(codeOf(response)).toBe('dead-letter-not-valid');
    expect(problemDetailsSchema.parse(response.body).errors?.length).toBeGreaterThan(0);
    expect([app.published, (await only(app)).state]).toEqual([[], 'waiting']);
  });

  test('answers 503 and changes nothing while the broker is unavailable', async () => {
    const app = createTestApp();
    await deliver(app, purchasePlaced(aPurchase()));
    const { id } = await only(app);
    app.broker.isAway = true;
    const response = await decide(app, id, 'replay').expect(503);
    expect([codeOf(response), response.get('Retry-After')]).toEqual(['dead-letter-not-published', '5']);
    expect(await only(app)).toMatchObject({ state: 'waiting', replays: 0 });
  });
});

test('a discarded dead letter waits again when it is redelivered', async () => {
  const app = createTestApp();
  await deliver(app, 'poison');
  const { id } = await only(app);
  const discarded = deadLetterSchema.parse((await decide(app, id, 'discard').expect(200)).body);
  expect([discarded.state, discarded.since]).toEqual(['discarded', '2026-01-01T00:00:02.000Z']);
  expect((await only(app)).state).toBe('discarded');
  await deliver(app, 'poison');
  expect((await only(app)).state).toBe('waiting');
});

test.each([
  ['GET', '/0123456789abcdef0123456789abcdef', 404, 'dead-letter-not-found'],
  ['POST', '/0123456789abcdef0123456789abcdef/replay', 404, 'dead-letter-not-found'],
  ['POST', '/0123456789abcdef0123456789abcdef/discard', 404, 'dead-letter-not-found'],
  ['POST', '/0123456789abcdef0123456789abcdef/burn', 404, 'not-found'],
  ['GET', '/not-an-id', 404, 'not-found'],
] as const)('%s …%s answers %i', async (method, path, status, code) => {
  const { app } = createTestApp();
  const agent = request(app);
  const url = `${deadLetterApiPath}${path}`;
  const response = await (method === 'GET' ? agent.get(url) : agent.post(url)).expect(status);
  expect(codeOf(response)).toBe(code);
});

test('a delayed or discarded purchase is reported with its order, as its shopper knows it', async () => {
  const app = createTestApp();
  const purchase = aPurchase();
  await deliver(app, purchasePlaced(purchase));
  const delayed = await statusOf(app, purchase).expect(404);
  expect(delayed.body).toMatchObject({ code: 'purchase-delayed', purchase });
  expect(delayed.body).not.toHaveProperty('decidedAt');
  const { id } = await only(app);
  const { since } = (await decide(app, id, 'discard').expect(200)).body as { since: string };
  const discarded = await statusOf(app, purchase).expect(404);
  expect(discarded.body).toMatchObject({ code: 'purchase-discarded', purchase, decidedAt: since });
});

test('an event that is not valid does not tell anyone what it contains', async () => {
  const app = createTestApp();
  const purchase = aPurchase();
  await deliver(app, { ...purchasePlaced(purchase), type: 'purchase.placed.v9' });
  const response = await statusOf(app, purchase).expect(404);
  expect(codeOf(response)).toBe('purchase-delayed');
  expect(response.body).not.toHaveProperty('purchase');
});

test('a purchase among the dead letters is reported as delayed, or as discarded', async () => {
  const app = createTestApp();
  const purchase = aPurchase();
  expect(codeOf(await statusOf(app, purchase).expect(404))).toBe('purchase-not-recorded');
  await deliver(app, { ...purchasePlaced(purchase), type: 'purchase.placed.v9' });
  expect(codeOf(await statusOf(app, purchase).expect(404))).toBe('purchase-delayed');
  const { id } = await only(app);
  await decide(app, id, 'discard').expect(200);
  expect(codeOf(await statusOf(app, purchase).expect(404))).toBe('purchase-discarded');
  expect(codeOf(await statusOf(app, aPurchase({ ...purchase, shopperId: 'eve' })).expect(404))).toBe(
    'purchase-not-recorded',
  );
  await record(app, purchase);
  await statusOf(app, purchase).expect(200);
});

test('only the sidecar and operators can use dead letters', async () => {
  const tokens = { sidecar: 'token-of-the-sidecar', operator: 'token-of-operators' };
  const { app } = createTestApp(undefined, tokens);
  await request(app).post(eventRoutes.deadLetters).send('{}').expect(401);
  for (const path of ['', '/0123456789abcdef0123456789abcdef']) {
    await request(app).get(`${deadLetterApiPath}${path}`).expect(401);
    const asOperator = { authorization: `Bearer ${tokens.operator}` };
    expect([200, 404]).toContain(
      (await request(app).get(`${deadLetterApiPath}${path}`).set(asOperator)).status,
    );
  }
});
