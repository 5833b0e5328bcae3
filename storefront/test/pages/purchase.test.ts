import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { purchaseFingerprint } from '@unity-purchase/contracts';
import request from 'supertest';
import { v7 } from 'uuid';
import { createAcceptanceProofs } from '../../src/purchases/acceptance-proof.js';
import { textOfPage } from '../fakes/html.js';
import {
  createTestApp,
  notRecorded,
  orderOf,
  purchaseIn,
  recorded,
  sameSite,
  signedIn,
  unanswered,
  type TestApp,
} from '../fakes/test-app.js';

describe('the page of a purchase', () => {
  async function bought() {
    const test = createTestApp();
    const agent = await signedIn(test);
    const response = await sameSite(agent.post('/purchases')).type('form').send(orderOf(v7(), 'mug*1*1600'));
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

  const stepsIn = (html: string) =>
    [...html.matchAll(/timeline__name">([^<]+)<\/span>(<time)?/g)].map(
      ([, name, time]) => `${name}${time === undefined ? '' : ' at a time'}`,
    );

  test('shows the order, its total and what happened before it is recorded, and after', async () => {
    const { agent, behind, location, purchase } = await bought();
    const waiting = await agent.get(location).expect(200);
    expect(textOfPage(waiting.text)).toContain('Mug 1 €16.00 €16.00');
    expect(stepsIn(waiting.text)).toEqual([
      'Order placed at a time',
      'Accepted by the broker at a time',
      'Being recorded …',
    ]);
    behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    const receipt = await agent.get(location).expect(200);
    expect(stepsIn(receipt.text)).toEqual([
      'Order placed at a time',
      'Accepted by the broker at a time',
      'Recorded at a time',
    ]);
  });

  test('says when an order was placed to another browser of its shopper, and shows neither to anyone else', async () => {
    const { app, agent, location, purchase } = await bought();
    const other = await signedIn({ app } as TestApp);
    const { text } = await other.get(location).expect(200);
    expect(stepsIn(text)).toEqual(['Order placed at a time', 'Accepted by the broker', 'Being recorded …']);
    expect(text).not.toContain('€16.00');
    await sameSite(agent.post('/sign-in')).type('form').send({ id: 'bob', name: 'Bob' }).expect(303);
    const strangers = await agent.get(`/purchases/${purchase.purchaseId}`).expect(404);
    expect(strangers.text).not.toContain('€16.00');
  });

  test.each(['delayed', 'discarded'] as const)('shows the order while its purchase is %s', async (state) => {
    const { agent, behind, location } = await bought();
    const body = { ...(notRecorded.body as object), code: `purchase-${state}` };
    behind.invoke = () => Promise.resolve({ status: 404, body });
    const { text } = await agent.get(location).expect(200);
    expect(text).toContain(`data-state="${state}"`);
    expect(textOfPage(text)).toContain('Total €16.00');
    expect(stepsIn(text)).toHaveLength(3);
  });

  test.each([
    ['delayed', undefined, 2],
    ['discarded', '2026-11-28T10:00:00.000Z', 3],
  ] as const)(
    'shows in any browser the order of a %s purchase, from its dead letter',
    async (state, decidedAt, times) => {
      const { app, behind, purchase } = await bought();
      const other = await signedIn({ app } as TestApp);
      const body = { ...(notRecorded.body as object), code: `purchase-${state}`, purchase, decidedAt };
      behind.invoke = () => Promise.resolve({ status: 404, body });
      const { text } = await other.get(`/purchases/${purchase.purchaseId}`).expect(200);
      expect(textOfPage(text)).toContain('Total €16.00');
      // The browser that ordered knows when the broker accepted it. This one does not.
      expect(stepsIn(text).filter((step) => step.endsWith(' at a time'))).toHaveLength(times - 1);
    },
  );

  test('thanks for a purchase at first, and is a receipt later', async () => {
    const { agent, behind, location, purchase } = await bought();
    behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    expect(textOfPage((await agent.get(location)).text)).toContain('Thank you, Ada');
    const later = textOfPage((await agent.get(`/purchases/${purchase.purchaseId}`)).text);
    expect(later).not.toContain('Thank you');
    expect(later).toMatch(/Receipt · \d+ \w+ \d{4}/);
  });

  test('names the customer and the shop, shows the beginning of its number, and contains all of it', async () => {
    const { agent, behind, location, purchase } = await bought();
    behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    const { text } = await agent.get(location);
    expect(textOfPage(text)).toContain('Customer Ada (ada)');
    expect(text).toContain(`<summary><code>${purchase.purchaseId.slice(0, 13)}</code></summary>`);
    expect(text).toContain(`data-copy="${purchase.purchaseId}"`);
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

  /** What the purchase-service answers about a purchase that is not recorded, after an erasure of the shopper. */
  const erasedAt = (ms: number) => () =>
    Promise.resolve({
      ...notRecorded,
      body: { ...(notRecorded.body as object), erasedAt: new Date(ms).toISOString() },
    });

  const minuteMs = 60_000;

  test.each([
    ['English', 'en', 'Your purchases were erased'],
    ['German', 'de', 'Ihre Einkäufe wurden gelöscht'],
  ])('says in %s that the purchases were erased, and does not reload', async (_name, language, title) => {
    const { agent, behind, location } = await bought();
    behind.invoke = erasedAt(Date.now() + 11 * minuteMs);
    const { text } = await agent.get(location).set('Accept-Language', language).expect(410);
    expect(text).toContain('data-state="erased"');
    expect(text).toContain(title);
    expect(text).not.toContain('http-equiv="refresh"');
  });

  test('says accepted after an erasure while the clocks leave it in doubt which was first', async () => {
    const { agent, behind, location } = await bought();
    for (const ms of [-11 * minuteMs, -minuteMs, minuteMs]) {
      behind.invoke = erasedAt(Date.now() + ms);
      expect((await agent.get(location).expect(200)).text).toContain('data-state="accepted"');
    }
  });

  test.each([
    ['shortly after an erasure', 13 * minuteMs, 15 * minuteMs, 410, 'data-state="erased"'],
    ['long after an erasure', 13 * minuteMs, 25 * minuteMs, 200, 'data-state="accepted"'],
    ['13 days ago', 13 * 24 * 60 * minuteMs, undefined, 200, 'data-state="accepted"'],
    ['15 days ago', 15 * 24 * 60 * minuteMs, undefined, 404, 'No purchase with this number is recorded'],
  ])(
    'of a purchase that was accepted %s and is not recorded',
    async (_when, agoMs, erasedAgoMs, status, words) => {
      const { agent, behind } = await bought();
      const purchaseId = v7({ msecs: Date.now() - agoMs });
      const proof = createAcceptanceProofs(['a'.repeat(64)], () => true).issue({
        digest: 'd'.repeat(22),
        purchaseId,
        shopper: { id: 'ada', name: 'Ada' },
        placedAt: new Date(Date.now() - agoMs).toISOString(),
      });
      if (erasedAgoMs !== undefined) behind.invoke = erasedAt(Date.now() - erasedAgoMs);
      const response = await agent.get(`/purchases/${purchaseId}?accepted=${proof}`).expect(status);
      expect(response.text).toContain(words);
    },
  );

  test('still reads a proof of version 0.1', async () => {
    const { agent, purchase } = await bought();
    const key = Buffer.from(hkdfSync('sha256', 'a'.repeat(64), '', 'acceptance proof', 32));
    const content = purchaseFingerprint(purchase).slice(0, 12);
    const signature = createHmac('sha256', key)
      .update(JSON.stringify(['ada', purchase.purchaseId, content]))
      .digest()
      .subarray(0, 18)
      .toString('base64url');
    const address = `/purchases/${purchase.purchaseId}?accepted=${content}${signature}`;
    expect((await agent.get(address).expect(200)).text).toContain('data-state="accepted"');
    await agent.get(`${address.slice(0, -1)}x`).expect(404);
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
