import { describe, expect, test } from '@jest/globals';
import { eventRoutes, purchasePlaced, replayOf } from '@unity-purchase/contracts';
import request from 'supertest';
import { aPurchase } from '../fakes/purchases.js';
import { createTestApp } from '../fakes/test-app.js';
import { whileUnrecordable } from '../fakes/unrecordable.js';

function deliver(app: Parameters<typeof request>[0], body: string | object) {
  return request(app)
    .post(eventRoutes.purchases)
    .set('Content-Type', 'application/cloudevents+json')
    .send(typeof body === 'string' ? body : JSON.stringify(body));
}

describe('POST /events/purchases', () => {
  test('records a new purchase in history and journal and answers SUCCESS', async () => {
    const { app, store, registry } = createTestApp();
    const response = await deliver(app, purchasePlaced(aPurchase()));
    expect([response.status, response.body]).toEqual([200, { status: 'SUCCESS' }]);
    expect([...store.values.keys()].map((key) => key.split(':')[0]).sort()).toEqual(['history', 'journal']);
    const metrics = await registry.metrics();
    expect(metrics).toContain('purchases_recorded_total 1');
    expect(metrics).toContain('purchase_freshness_seconds_sum 2');
  });

  test('answers SUCCESS and counts a duplicate for a purchase that is already recorded', async () => {
    const { app, registry } = createTestApp();
    const event = purchasePlaced(aPurchase());
    await deliver(app, event);
    expect((await deliver(app, { ...event, id: 'another-envelope' })).body).toEqual({ status: 'SUCCESS' });
    const metrics = await registry.metrics();
    expect(metrics).toContain('purchases_recorded_total 1');
    expect(metrics).toContain('purchase_duplicates_total 1');
  });

  test('counts a conflict, answers SUCCESS, and leaves it out of the journal', async () => {
    const { app, store, registry } = createTestApp();
    const purchase = aPurchase();
    await deliver(app, purchasePlaced(purchase));
    const before = new Map(store.values);
    const other = aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 999 });
    expect((await deliver(app, purchasePlaced(other))).body).toEqual({ status: 'SUCCESS' });
    expect(store.values).toEqual(before);
    expect(await registry.metrics()).toContain('purchase_conflicts_total 1');
  });

  test('answers DROP for a replay in conflict, so that its dead letter waits again', async () => {
    const { app } = createTestApp();
    const purchase = aPurchase();
    await deliver(app, purchasePlaced(purchase));
    const other = purchasePlaced(aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 999 }));
    expect((await deliver(app, replayOf(other, 'a'.repeat(32), 'replay'))).body).toEqual({ status: 'DROP' });
  });

  test.each([
    ['the same order at another price', 'one order', 'purchase_duplicates_total'],
    ['another order', 'another order', 'purchase_conflicts_total'],
  ])('counts %s under one id, and keeps the first one', async (_what, digest, counter) => {
    const { app, store, registry } = createTestApp();
    const purchase = aPurchase();
    await deliver(app, purchasePlaced(purchase, 'one order'));
    const before = new Map(store.values);
    const later = aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 120 });
    expect((await deliver(app, purchasePlaced(later, digest))).body).toEqual({ status: 'SUCCESS' });
    expect(store.values).toEqual(before);
    const metrics = await registry.metrics();
    for (const name of ['purchase_duplicates_total', 'purchase_conflicts_total'])
      expect(metrics).toContain(`${name} ${name === counter ? 1 : 0}`);
  });

  test('counts a conflict with a record that this process has not read yet', async () => {
    const first = createTestApp();
    const purchase = aPurchase();
    await deliver(first.app, purchasePlaced(purchase));
    const second = createTestApp();
    for (const [key, value] of first.store.values) second.store.values.set(key, value);
    const other = aPurchase({ purchaseId: purchase.purchaseId, unitPrice: 999 });
    expect((await deliver(second.app, purchasePlaced(other))).body).toEqual({ status: 'SUCCESS' });
    expect(await second.registry.metrics()).toContain('purchase_conflicts_total 1');
    expect(second.store.values).toEqual(first.store.values);
  });

  test.each([
    ['that is not JSON', '{"data":'],
    ['that is empty', ''],
    ['that is a JSON text', '"hello"'],
    ['that is not a CloudEvent', {}],
    ['of another type', { ...purchasePlaced(aPurchase()), type: 'purchase.cancelled.v1' }],
    ['whose total is wrong', purchasePlaced({ ...aPurchase(), total: { amount: 1, currency: 'EUR' } })],
    ['that is larger than any event', { ...purchasePlaced(aPurchase()), note: 'x'.repeat(7 * 1024 * 1024) }],
  ])('answers DROP and records nothing for an event %s', async (_what, body) => {
    const { app, store, registry } = createTestApp();
    const response = await deliver(app, body);
    expect([response.status, response.body]).toEqual([200, { status: 'DROP' }]);
    expect(store.values.size).toBe(0);
    expect(await registry.metrics()).toContain('purchase_events_rejected_total 1');
  });

  test('answers RETRY while the store is unavailable, and records the purchase afterwards', async () => {
    const { app, store, registry } = createTestApp();
    store.readFaults = 1;
    const event = purchasePlaced(aPurchase());
    const response = await deliver(app, event);
    expect([response.status, response.body]).toEqual([200, { status: 'RETRY' }]);
    expect((await deliver(app, event)).body).toEqual({ status: 'SUCCESS' });
    expect(await registry.metrics()).toContain('purchase_events_retried_total 1');
  });

  test('answers RETRY when the journal cannot be written, and the redelivery completes it', async () => {
    const { app, store } = createTestApp();
    const event = purchasePlaced(aPurchase());
    store.beforeCreate = (key) => {
      if (key.startsWith('journal')) store.createFaults.push('refuse');
    };
    expect((await deliver(app, event)).body).toEqual({ status: 'RETRY' });
    store.beforeCreate = () => undefined;
    expect((await deliver(app, event)).body).toEqual({ status: 'SUCCESS' });
    expect([...store.values.keys()].map((key) => key.split(':')[0]).sort()).toEqual(['history', 'journal']);
  });

  test('gives up on an event after three deliveries while its history is damaged, and records those of others', async () => {
    const { app, store } = createTestApp();
    const event = purchasePlaced(aPurchase());
    const statusOf = async (body: object) => ((await deliver(app, body)).body as { status: unknown }).status;
    await whileUnrecordable(store, 'ada', async () => {
      expect(await statusOf(event)).toBe('RETRY');
      expect(await statusOf(purchasePlaced(aPurchase({ shopperId: 'bob' })))).toBe('SUCCESS');
      expect([await statusOf(event), await statusOf(event)]).toEqual(['RETRY', 'DROP']);
      expect(await statusOf(event)).toBe('RETRY');
    });
    expect(await statusOf(event)).toBe('SUCCESS');
  });

  test('never gives up on an event while the store fails', async () => {
    const { app, store } = createTestApp();
    const event = purchasePlaced(aPurchase());
    store.readFaults = 50;
    for (let time = 0; time < 5; time += 1)
      expect((await deliver(app, event)).body).toEqual({ status: 'RETRY' });
  });

  test('logs neither shoppers nor amounts', async () => {
    const { app, store, logLines } = createTestApp();
    const purchase = aPurchase({ shopperId: 'ada-1815', name: 'Ada Lovelace', unitPrice: 987_654 });
    await deliver(app, purchasePlaced(purchase));
    await deliver(app, purchasePlaced(aPurchase({ ...purchase, shopperId: 'ada-1815', unitPrice: 987_655 })));
    await deliver(app, { ...purchasePlaced(purchase), type: 'x' });
    store.readFaults = 10;
    await deliver(app, purchasePlaced(aPurchase({ shopperId: 'ada-1816', name: 'Ada Lovelace' })));
    expect(logLines.length).toBe(3);
    expect(logLines.join('')).not.toMatch(/ada-181|Lovelace|98765/);
  });
});

describe('with a token for the sidecar', () => {
  const tokens = { sidecar: 'token-of-the-sidecar', operator: 'token-of-operators' };
  const event = purchasePlaced(aPurchase());

  test.each([
    ['without it', {}],
    ['with a wrong one', { 'dapr-api-token': 'x' }],
    ['with the operator token', { authorization: `Bearer ${tokens.operator}` }],
  ])('any event %s is answered with 401 and not recorded', async (_what, headers) => {
    const { app, store, logLines } = createTestApp(undefined, tokens);
    for (const body of [event, '{"data":', { ...event, note: 'x'.repeat(7 * 1024 * 1024) }])
      expect((await deliver(app, body).set(headers)).status).toBe(401);
    expect(store.calls).toEqual([]);
    expect(logLines.join('')).not.toContain('token-of');
  });

  test('an event with the token is recorded', async () => {
    const { app } = createTestApp(undefined, tokens);
    const response = await deliver(app, event).set({ 'dapr-api-token': tokens.sidecar });
    expect(response.body).toEqual({ status: 'SUCCESS' });
  });

  test('only the sidecar and operators can read purchases', async () => {
    const { app } = createTestApp(undefined, tokens);
    const ask = (path: string) => request(app).get(path);
    for (const path of [
      '/api/purchases',
      '/api/purchases/ada',
      `/api/purchases/ada/${event.data.purchaseId}`,
    ]) {
      await ask(path).expect(401);
      const answers = [
        await ask(path).set({ 'dapr-api-token': tokens.sidecar }),
        await ask(path).set({ authorization: `Bearer ${tokens.operator}` }),
      ];
      for (const { status } of answers) expect([200, 404]).toContain(status);
    }
    await ask('/health/live').expect(200);
  });
});
