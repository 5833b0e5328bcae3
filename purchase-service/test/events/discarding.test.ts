import { describe, expect, test } from '@jest/globals';
import {
  auditApiPath,
  auditPageSchema,
  deadLetterApiPath,
  deadLetterDetailsSchema,
  deadLetterReplayApiPath,
  deadLetterSchema,
  problemDetailsSchema,
  shopperApiPath,
  type Purchase,
} from '@unity-purchase/contracts';
import request from 'supertest';
import {
  deliverReplay,
  discardLetter,
  keepLetter,
  listLetters,
  recordPurchase,
  replayLetter,
} from '../fakes/dead-letters.js';
import { aPurchase } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';

type TestApp = ReturnType<typeof createTestApp>;

const codeOf = (response: { body: unknown }) => problemDetailsSchema.parse(response.body).code;

async function show({ app }: TestApp, id: string) {
  return deadLetterDetailsSchema.parse(
    (await request(app).get(`${deadLetterApiPath}/${id}`).expect(200)).body,
  );
}

/** What the shopper's page shows: `recorded`, or why the purchase is not. */
async function toldShopper({ app }: TestApp, { shopper, purchaseId }: Purchase): Promise<string> {
  const response = await request(app).get(`/api/purchases/${shopper.id}/${purchaseId}`);
  return response.status === 200 ? 'recorded' : codeOf(response);
}

/** From the first create or save of a decision on, something else happens before it. */
function beforeDeciding({ store }: TestApp, work: () => Promise<unknown>): void {
  let isDone = false;
  store.beforeCreate = async (key) => {
    if (isDone || !key.startsWith('dead-letter-decision:')) return;
    isDone = true;
    await work();
  };
}

describe('the reason of a discard', () => {
  test('is shown with the dead letter, and is in the audit log', async () => {
    const test = createTestApp();
    const id = await keepLetter(test, aPurchase());
    const response = await discardLetter(test, id, 'a test order of ours').expect(200);
    expect(deadLetterSchema.parse(response.body)).toMatchObject({
      state: 'discarded',
      discardReason: 'a test order of ours',
    });
    expect((await show(test, id)).discardReason).toBe('a test order of ours');
    expect((await listLetters(test)).deadLetters[0]?.discardReason).toBe('a test order of ours');
    const { entries } = auditPageSchema.parse((await request(test.app).get(auditApiPath)).body);
    expect(entries.find(({ action }) => action === 'discard-dead-letter')).toMatchObject({
      target: id,
      reason: 'a test order of ours',
    });
  });

  test.each([
    ['is empty', { reason: '' }],
    ['shows nothing', { reason: '\u200b \u2800' }],
    ['is longer than 200 characters', { reason: 'x'.repeat(201) }],
    ['has several lines', { reason: 'one\ntwo' }],
    ['is no text', { reason: 7 }],
    ['comes with something unknown', { reason: 'a test', colour: 'red' }],
  ])('is refused if it %s, and then nothing is decided or audited', async (_what, body) => {
    const test = createTestApp();
    const id = await keepLetter(test, aPurchase());
    const response = await request(test.app)
      .post(`${deadLetterApiPath}/${id}/discard`)
      .send(body)
      .expect(400);
    expect(codeOf(response)).toBe('invalid-request');
    expect((await show(test, id)).state).toBe('waiting');
    const { entries } = auditPageSchema.parse((await request(test.app).get(auditApiPath)).body);
    expect(entries.map(({ action }) => action)).not.toContain('discard-dead-letter');
  });

  test('is refused if it is no JSON, or larger than any reason', async () => {
    const test = createTestApp();
    const id = await keepLetter(test, aPurchase());
    const send = (type: string, body: string) =>
      request(test.app).post(`${deadLetterApiPath}/${id}/discard`).type(type).send(body);
    expect(codeOf(await send('text/plain', 'a test').expect(415))).toBe('unsupported-media-type');
    expect(codeOf(await send('json', '{"reason":').expect(400))).toBe('malformed-body');
    expect(codeOf(await send('json', JSON.stringify({ reason: 'x'.repeat(9_000) })).expect(413))).toBe(
      'body-too-large',
    );
  });

  test.each([
    ['no body', undefined],
    ['an empty body', {}],
  ])('may be missing, because a storefront of version 0.1.0 sends %s', async (_what, body) => {
    const test = createTestApp();
    const id = await keepLetter(test, aPurchase());
    await request(test.app).post(`${deadLetterApiPath}/${id}/discard`).send(body).expect(200);
    const letter = await show(test, id);
    expect([letter.state, letter.discardReason]).toEqual(['discarded', undefined]);
  });

  test('is not the reason of a later decision', async () => {
    let nowMs = Date.UTC(2026, 0, 1, 0, 0, 2);
    const test = createTestApp(() => nowMs);
    const id = await keepLetter(test, aPurchase());
    await discardLetter(test, id).expect(200);
    nowMs += 1000;
    await request(test.app).post(`${deadLetterApiPath}/${id}/discard`).expect(200);
    expect((await show(test, id)).discardReason).toBeUndefined();
    await replayLetter(test, id);
    expect((await show(test, id)).discardReason).toBeUndefined();
  });

  test('is erased with its shopper, and stays in the audit log', async () => {
    const test = createTestApp();
    await discardLetter(test, await keepLetter(test, aPurchase())).expect(200);
    await request(test.app).delete(`${shopperApiPath}/ada`).expect(200);
    expect([...test.store.values.keys()].filter((key) => key.startsWith('dead-letter-'))).toEqual([]);
    const { entries } = auditPageSchema.parse((await request(test.app).get(auditApiPath)).body);
    expect(entries.some(({ reason }) => reason === 'a test of ours')).toBe(true);
  });
});

describe('discarding', () => {
  test('tells the shopper that the purchase did not go through', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase);
    expect(await toldShopper(test, purchase)).toBe('purchase-delayed');
    await discardLetter(test, id).expect(200);
    expect(await toldShopper(test, purchase)).toBe('purchase-discarded');
  });

  test('is refused once the purchase is recorded, and the shopper still sees it', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase);
    await recordPurchase(test, purchase);
    expect(codeOf(await discardLetter(test, id).expect(409))).toBe('dead-letter-recorded');
    expect((await show(test, id)).state).toBe('waiting');
    expect(await toldShopper(test, purchase)).toBe('recorded');
  });

  test('and then replaying records the purchase: an operator may change their mind', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase);
    await discardLetter(test, id).expect(200);
    expect((await replayLetter(test, id)).state).toBe('replayed');
    expect(await toldShopper(test, purchase)).toBe('purchase-delayed');
    await deliverReplay(test);
    expect(await toldShopper(test, purchase)).toBe('recorded');
  });

  test('stays as it was, with its reason, when the broker does not acknowledge a replay after it', async () => {
    let nowMs = Date.UTC(2026, 0, 1, 0, 0, 2);
    const test = createTestApp(() => (nowMs += 1000));
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase);
    await discardLetter(test, id).expect(200);
    test.broker.isAway = true;
    await request(test.app).post(`${deadLetterApiPath}/${id}/replay`).expect(503);
    expect(await show(test, id)).toMatchObject({ state: 'discarded', discardReason: 'a test of ours' });
    expect(await toldShopper(test, purchase)).toBe('purchase-discarded');
  });

  test('is refused after a replay, whose event may be on its way, until the event is back', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase);
    await replayLetter(test, id);
    expect(codeOf(await discardLetter(test, id).expect(409))).toBe('dead-letter-replayed');
    expect(await toldShopper(test, purchase)).toBe('purchase-delayed');
    await keepLetter(test, purchase, { ...test.published.at(-1) });
    expect((await show(test, id)).state).toBe('waiting');
    await discardLetter(test, id).expect(200);
    expect(await toldShopper(test, purchase)).toBe('purchase-discarded');
  });

  test('is refused after a replay that was interrupted, because its event may have been published', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase);
    const remove = test.store.delete.bind(test.store);
    // The process ends after the event was published.
    test.store.delete = () => Promise.reject(new Error('the process has ended'));
    await request(test.app).post(`${deadLetterApiPath}/${id}/replay`);
    test.store.delete = remove;
    expect((await show(test, id)).state).toBe('waiting');
    expect(codeOf(await discardLetter(test, id).expect(409))).toBe('dead-letter-replayed');
    expect(await toldShopper(test, purchase)).toBe('purchase-delayed');
    await replayLetter(test, id);
    await deliverReplay(test);
    expect(await toldShopper(test, purchase)).toBe('recorded');
  });

  test('is refused when a replay begins between reading and deciding', async () => {
    const test = createTestApp();
    const purchase = aPurchase();
    const id = await keepLetter(test, purchase);
    beforeDeciding(test, () => replayLetter(test, id));
    expect(codeOf(await discardLetter(test, id).expect(409))).toBe('dead-letter-replayed');
    expect((await show(test, id)).state).toBe('replayed');
    expect(await toldShopper(test, purchase)).toBe('purchase-delayed');
  });

  test('succeeds when the answer of the store is lost, and fails when the store refuses', async () => {
    const test = createTestApp();
    const id = await keepLetter(test, aPurchase());
    test.store.createFaults.push(...(['lose-response', 'lose-response'] as const));
    await discardLetter(test, id).expect(200);
    expect((await show(test, id)).state).toBe('discarded');
    const other = await keepLetter(test, aPurchase());
    const create = test.store.createIfAbsent.bind(test.store);
    test.store.createIfAbsent = (key, value, saved) =>
      key.startsWith('dead-letter-decision:')
        ? Promise.resolve({ created: false, cause: new Error('the store is away') })
        : create(key, value, saved);
    await discardLetter(test, other).expect(503);
    expect((await show(test, other)).state).toBe('waiting');
  });

  test('is left alone by a request to replay everything that waits', async () => {
    const test = createTestApp();
    const id = await keepLetter(test, aPurchase());
    await discardLetter(test, id).expect(200);
    await request(test.app).post(deadLetterReplayApiPath).expect(200);
    expect([test.published, (await show(test, id)).state]).toEqual([[], 'discarded']);
  });
});
