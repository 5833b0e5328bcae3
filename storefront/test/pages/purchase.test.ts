import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { v7 } from 'uuid';
import {
  createTestApp,
  orderOf,
  purchaseIn,
  recorded,
  sameSite,
  signedIn,
  unanswered,
} from '../fakes/test-app.js';

describe('the page of a purchase', () => {
  async function bought() {
    const test = createTestApp();
    const agent = await signedIn(test);
    const response = await sameSite(agent.post('/purchases'))
      .type('form')
      .send(orderOf(v7(), 'mug*1', 1600));
    return {
      ...test,
      agent,
      location: response.headers['location'] ?? '',
      purchase: purchaseIn(test.published[0]),
    };
  }

  test('says accepted and reloads itself until it can show the receipt', async () => {
    const { agent, behind, location, purchase } = await bought();
    const waiting = await agent.get(location).expect(200);
    expect(waiting.text).toContain('data-state="accepted"');
    expect(waiting.text).toContain('<meta http-equiv="refresh" content="2">');
    behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    const receipt = await agent.get(location).expect(200);
    expect(receipt.text).toContain('data-state="recorded"');
    expect(receipt.text).toContain('€16.00');
    expect(receipt.text).not.toContain('http-equiv="refresh"');
    expect(receipt.headers['cache-control']).toBe('private, no-store');
  });

  test('never says accepted for a purchase that was not accepted', async () => {
    const { agent } = await bought();
    const response = await agent.get(`/purchases/${v7()}`).expect(404);
    expect(response.text).toContain('data-state="unknown"');
    expect(response.text).not.toContain('Accepted');
  });

  test('says that an old purchase number is not recorded, and does not reload', async () => {
    const { agent } = await bought();
    const response = await agent.get(`/purchases/${v7({ msecs: Date.now() - 25 * 3_600_000 })}`).expect(404);
    expect(response.text).toContain('No purchase with this number is recorded');
    expect(response.text).not.toContain('refresh');
  });

  test('says that the form was already used when another order is recorded', async () => {
    const { agent, behind, location, purchase } = await bought();
    const earlier = { ...purchase, lines: [{ sku: 'honey', title: 'Honey', quantity: 1, unitPrice: 995 }] };
    behind.invoke = () =>
      Promise.resolve({
        status: 200,
        body: recorded({ ...earlier, total: { amount: 995, currency: 'EUR' } }),
      });
    const response = await agent.get(location).expect(200);
    expect(response.text).toContain('This form was already used');
  });

  test('says accepted, or else unavailable, while the history cannot be read', async () => {
    const { agent, behind, location } = await bought();
    behind.invoke = unanswered;
    expect((await agent.get(location).expect(200)).text).toContain('will not be lost');
    const response = await agent.get(`/purchases/${v7()}`).expect(503);
    expect(response.text).toContain('cannot be shown right now');
  });

  test('redirects to the sign-in, and back, without a session', async () => {
    const { app, location } = await bought();
    const response = await request(app).get(location).expect(303);
    expect(response.headers['location']).toBe(`/sign-in?returnTo=${encodeURIComponent(location)}`);
  });
});
