import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { v7 } from 'uuid';
import {
  createTestApp,
  purchaseIn,
  recorded,
  sameSite,
  signedIn,
  unanswered,
  unreachable,
  type TestApp,
} from '../fakes/test-app.js';

const hidden = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1];

async function buy(test: TestApp, fields: Record<string, string>) {
  const agent = await signedIn(test);
  return sameSite(agent.post('/purchases')).type('form').send(fields);
}

describe('the form that offers to buy', () => {
  test('carries a fresh purchase id each time, and is not kept by browsers', async () => {
    const { app } = createTestApp();
    const [one, two] = [await request(app).get('/products/mug'), await request(app).get('/products/mug')];
    expect(hidden(one.text, 'purchaseId')).not.toBe(hidden(two.text, 'purchaseId'));
    expect(one.headers['cache-control']).toBe('private, no-store');
  });

  test('leads to the page of the purchase that it named, by 303', async () => {
    const test = createTestApp();
    const purchaseId = v7();
    const response = await buy(test, { purchaseId, sku: 'mug', quantity: '3' });
    expect(response.status).toBe(303);
    expect(response.headers['location']).toMatch(new RegExp(`^/purchases/${purchaseId}\\?accepted=`));
    expect(purchaseIn(test.published[0])).toMatchObject({
      purchaseId,
      total: { amount: 4800, currency: 'EUR' },
    });
  });

  test('takes any amount as it is typed', async () => {
    const test = createTestApp();
    await buy(test, { purchaseId: v7(), sku: 'any-amount', quantity: '1', amount: ' 12,50 ' });
    expect(purchaseIn(test.published[0]).total).toEqual({ amount: 1250, currency: 'EUR' });
  });

  test.each([
    ['mug', '0', '', 'Enter a whole number from 1 to 100'],
    ['mug', '101', '', 'Enter a whole number from 1 to 100'],
    ['mug', '1000000000', '', 'Enter a whole number from 1 to 100'],
    ['mug', '1.5', '', 'Enter a whole number from 1 to 100'],
    ['mug', '-1', '', 'Enter a whole number from 1 to 100'],
    ['mug', '', '', 'Enter a whole number from 1 to 100'],
    ['mug', '<script>', '', 'Enter a whole number from 1 to 100'],
    ['any-amount', '1', '', 'Enter an amount, such as 12.50'],
    ['any-amount', '1', 'NaN', 'Enter an amount, such as 12.50'],
    ['any-amount', '1', '-5', 'Enter an amount, such as 12.50'],
    ['any-amount', '1', '1e3', 'Enter an amount, such as 12.50'],
    ['any-amount', '1', '12.505', 'Enter an amount that EUR has coins for'],
    ['any-amount', '1', '0', 'Enter an amount from €1.00 to €10,000.00'],
    ['any-amount', '1', '999999999999', 'Enter an amount from €1.00 to €10,000.00'],
    ['any-amount', 'x', 'y', 'Enter an amount, such as 12.50'],
  ])(
    'of %s with quantity %j and amount %j comes back with what was typed and what is wrong',
    async (sku, quantity, amount, message) => {
      const test = createTestApp();
      const purchaseId = v7();
      const response = await buy(test, { purchaseId, sku, quantity, amount });
      expect(response.status).toBe(400);
      expect(response.text).toContain('<title>Error: ');
      expect(response.text).toContain(message);
      expect(response.text).not.toContain('<script>');
      expect(hidden(response.text, 'purchaseId')).toBe(purchaseId);
      for (const typed of [quantity, amount].filter((text) => text !== '' && !text.includes('<')))
        expect(response.text).toContain(`value="${typed}"`);
      expect(test.published).toEqual([]);
    },
  );

  test.each(['x', '../..', v7({ msecs: Date.now() - 25 * 3_600_000 }), '🙂', 'a'.repeat(10_000)])(
    'with the purchase id %j comes back with a new one, and buys nothing',
    async (purchaseId) => {
      const test = createTestApp();
      const response = await buy(test, { purchaseId, sku: 'mug', quantity: '2' });
      expect(response.status).toBe(400);
      expect(response.text).toContain('This page was too old to buy from');
      expect(response.text).toContain('value="2"');
      expect(hidden(response.text, 'purchaseId')).not.toBe(purchaseId);
      expect(test.published).toEqual([]);
    },
  );

  test.each([
    ['not-accepted', unreachable, 'was not accepted'],
    ['not-confirmed', unanswered, 'It may still go through'],
  ])(
    'that ends %s comes back filled, with the same purchase id and words that fit',
    async (_outcome, failure, words) => {
      const test = createTestApp();
      test.behind.publish = failure;
      const purchaseId = v7();
      const response = await buy(test, { purchaseId, sku: 'any-amount', quantity: '4', amount: '7.5' });
      expect(response.status).toBe(503);
      expect(response.headers['retry-after']).toBe('5');
      expect(response.text).toContain(words);
      expect(response.text).toContain('value="7.5"');
      expect(hidden(response.text, 'purchaseId')).toBe(purchaseId);
      expect(response.text).toContain(`href="/purchases/${purchaseId}"`);
    },
  );

  test('of something unknown is 404, and one with a field too many 400', async () => {
    const test = createTestApp();
    expect((await buy(test, { purchaseId: v7(), sku: 'unicorn', quantity: '1' })).status).toBe(404);
    expect((await buy(test, { purchaseId: v7(), sku: 'mug', quantity: '1', price: '1' })).status).toBe(400);
    expect((await buy(test, { sku: 'mug' })).status).toBe(400);
    expect(test.published).toEqual([]);
  });

  test('sent without a session goes to the sign-in, and comes back with what was typed', async () => {
    const test = createTestApp();
    const agent = request.agent(test.app);
    const fields = { purchaseId: v7(), sku: 'any-amount', quantity: '3', amount: '9.99' };
    const response = await sameSite(agent.post('/purchases')).type('form').send(fields).expect(303);
    const signIn = await agent.get(response.headers['location'] ?? '').expect(200);
    const returnTo = hidden(signIn.text, 'returnTo')?.replaceAll('&amp;', '&') ?? '';
    const back = await sameSite(agent.post('/sign-in'))
      .type('form')
      .send({ id: 'ada', name: 'Ada', returnTo })
      .expect(303);
    const page = await agent.get(back.headers['location'] ?? '').expect(200);
    expect(page.text).toContain('value="9.99"');
    expect(page.text).toContain('value="3"');
    expect(test.published).toEqual([]);
  });

  test.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a sibling site', { 'Sec-Fetch-Site': 'same-site' }],
    ['another origin', { Origin: 'https://elsewhere.example' }],
    ['an opaque origin', { Origin: 'null' }],
    ['nowhere', {}],
  ])('sent from %s is refused', async (_where, headers) => {
    const test = createTestApp();
    const agent = await signedIn(test);
    const fields = { purchaseId: v7(), sku: 'mug', quantity: '1' };
    const response = await agent
      .post('/purchases')
      .set(headers as Record<string, string>)
      .type('form')
      .send(fields);
    expect(response.status).toBe(403);
    expect(test.published).toEqual([]);
  });

  test('sent by a browser that names its origin only is taken', async () => {
    const test = createTestApp();
    const agent = await signedIn(test);
    const response = await agent
      .post('/purchases')
      .set({ Host: 'shop.example', Origin: 'https://shop.example' })
      .type('form')
      .send({ purchaseId: v7(), sku: 'mug', quantity: '1' });
    expect(response.status).toBe(303);
  });

  test.each([
    ['a form of 300 kB', 'application/x-www-form-urlencoded', `sku=mug&note=${'x'.repeat(300_000)}`, 413],
    ['a form of 1,000 fields', 'application/x-www-form-urlencoded', 'a=1&'.repeat(1000), 413],
    ['a text', 'text/plain', 'sku=mug', 400],
    ['a broken encoding', 'application/x-www-form-urlencoded', 'sku=%', 400],
  ])('as %s is answered by a page', async (_what, type, body, status) => {
    const test = createTestApp();
    const agent = await signedIn(test);
    const response = await sameSite(agent.post('/purchases')).set('Content-Type', type).send(body);
    expect(response.status).toBe(status);
    expect(response.type).toBe('text/html');
  });
});

describe('the page of a purchase', () => {
  async function bought() {
    const test = createTestApp();
    const agent = await signedIn(test);
    const fields = { purchaseId: v7(), sku: 'mug', quantity: '1' };
    const response = await sameSite(agent.post('/purchases')).type('form').send(fields);
    return {
      ...test,
      agent,
      location: response.headers['location'] ?? '',
      purchase: purchaseIn(test.published[0]),
    };
  }

  test('says accepted and asks again by itself until it can show the receipt', async () => {
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

  test('never says accepted of a purchase that nobody accepted', async () => {
    const { agent } = await bought();
    const response = await agent.get(`/purchases/${v7()}`).expect(404);
    expect(response.text).toContain('data-state="unknown"');
    expect(response.text).not.toContain('Accepted');
  });

  test('of an old number that is nowhere says so for good', async () => {
    const { agent } = await bought();
    const response = await agent.get(`/purchases/${v7({ msecs: Date.now() - 25 * 3_600_000 })}`).expect(404);
    expect(response.text).toContain('No purchase with this number is recorded');
    expect(response.text).not.toContain('refresh');
  });

  test('says that a form had been used before when the record is another order', async () => {
    const { agent, behind, location, purchase } = await bought();
    const earlier = { ...purchase, lines: [{ sku: 'honey', title: 'Honey', quantity: 1, unitPrice: 995 }] };
    behind.invoke = () =>
      Promise.resolve({
        status: 200,
        body: recorded({ ...earlier, total: { amount: 995, currency: 'EUR' } }),
      });
    const response = await agent.get(location).expect(200);
    expect(response.text).toContain('This form had been used before');
  });

  test('while the record cannot be asked says accepted if that is known, and unavailable if not', async () => {
    const { agent, behind, location } = await bought();
    behind.invoke = unanswered;
    expect((await agent.get(location).expect(200)).text).toContain('will not be lost');
    const response = await agent.get(`/purchases/${v7()}`).expect(503);
    expect(response.text).toContain('cannot be shown right now');
  });

  test('without a session leads to the sign-in and back', async () => {
    const { app, location } = await bought();
    const response = await request(app).get(location).expect(303);
    expect(response.headers['location']).toBe(`/sign-in?returnTo=${encodeURIComponent(location)}`);
  });
});
