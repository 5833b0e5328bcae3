import { describe, expect, test } from '@jest/globals';
import { amountMax } from '@unity-purchase/contracts';
import Iron from '@hapi/iron';
import request from 'supertest';
import { v7 } from 'uuid';
import { postForm } from '../fakes/browser.js';
import { allHidden, hidden, textOfPage } from '../fakes/html.js';
import {
  createTestApp,
  notRecorded,
  orderOf,
  purchaseIn,
  recorded,
  sameSite,
  signedIn,
  unanswered,
  unreachable,
  type TestApp,
} from '../fakes/test-app.js';

/** A shopper with two mugs in the basket who has opened the checkout page. */
async function openCheckout(test: TestApp) {
  const agent = await signedIn(test);
  await postForm(agent, '/basket', { sku: 'mug', quantity: '2' }).expect(303);
  const { text, headers } = await agent.get('/checkout').expect(200);
  return { agent, text, headers, fields: fieldsOf(text) };
}

function fieldsOf(html: string) {
  return {
    purchaseId: hidden(html, 'purchaseId') ?? '',
    currency: hidden(html, 'currency') ?? '',
    person: hidden(html, 'person') ?? '',
    line: allHidden(html, 'line'),
  };
}

/** A shop with these products and prices. */
function shopSelling(prices: Record<string, number>) {
  const products = Object.entries(prices).map(([sku, price]) => ({
    sku,
    title: `The ${sku}`,
    description: 'Well made.',
    category: 'things',
    prices: { EUR: price },
  }));
  const categories = [{ id: 'things', title: 'Things' }];
  return createTestApp({ catalogue: { currencies: ['EUR'], categories, products } });
}

async function buy(test: TestApp, fields: object) {
  return postForm(await signedIn(test), '/purchases', fields);
}

describe('the checkout page', () => {
  test('shows the items, the buyer and the total, and browsers do not store it', async () => {
    const { text, headers, fields } = await openCheckout(createTestApp());
    const page = textOfPage(text);
    expect(page).toContain('Ordering as Ada');
    expect(page).toContain('2 × €16.00 = €32.00');
    expect(page).toContain('Buy for €32.00');
    expect(fields).toMatchObject({ currency: 'EUR', line: ['mug*2*1600'] });
    expect(headers['cache-control']).toBe('private, no-store');
  });

  test('has the same purchase id in two windows', async () => {
    const { agent, fields } = await openCheckout(createTestApp());
    expect(fieldsOf((await agent.get('/checkout')).text)).toEqual(fields);
  });

  test('requires a shopper and returns to the order after signing in', async () => {
    const test = createTestApp();
    const agent = request.agent(test.app);
    await postForm(agent, '/basket', { sku: 'any-amount', quantity: '3', amount: '9.99' });
    const response = await agent.get('/checkout').expect(303);
    expect(response.headers['location']).toBe('/sign-in?returnTo=%2Fcheckout');
    await postForm(agent, '/sign-in', { id: 'ada', name: 'Ada', returnTo: '/checkout' }).expect(
      'Location',
      '/checkout',
    );
    expect(textOfPage((await agent.get('/checkout')).text)).toContain('Buy for €29.97');
    expect(test.published).toEqual([]);
  });

  test('redirects to the basket when it is empty', async () => {
    const agent = await signedIn(createTestApp());
    await agent.get('/checkout').expect(303).expect('Location', '/basket');
  });
});

describe('the checkout page for a basket whose purchase id has expired', () => {
  const expiredId = v7({ msecs: Date.now() - 25 * 3_600_000 });
  const lines = [{ sku: 'mug', quantity: 2 }];

  /** Opens the checkout with a basket that was filled 25 hours ago. `answer` is what the purchase-service knows. */
  async function openOldBasket(answer: TestApp['behind']['invoke']) {
    const test = createTestApp();
    const content = { basket: { currency: 'EUR', purchaseId: expiredId, lines } };
    const sealed = await Iron.seal(content, { id: '1', secret: 'a'.repeat(64) }, Iron.defaults);
    const agent = await signedIn(test);
    agent.jar.setCookie(`basket=${sealed}~2`, '127.0.0.1', '/');
    test.behind.invoke = answer;
    return { agent, response: await agent.get('/checkout') };
  }

  const earlier = (quantity: number) =>
    recorded({
      purchaseId: expiredId,
      shopper: { id: 'ada', name: 'Ada' },
      lines: [{ sku: 'mug', title: 'Mug', quantity, unitPrice: 1600 }],
      total: { amount: quantity * 1600, currency: 'EUR' },
      placedAt: new Date(Date.now() - 25 * 3_600_000).toISOString(),
    });

  test('that was bought leads to its receipt and empties the basket', async () => {
    const { agent, response } = await openOldBasket(() => Promise.resolve({ status: 200, body: earlier(2) }));
    expect(response.headers['location']).toBe(`/purchases/${expiredId}`);
    expect(textOfPage((await agent.get('/basket')).text)).toContain('Your basket is empty.');
  });

  test('that was bought before it was changed leads to its receipt and keeps the changed items', async () => {
    const { agent, response } = await openOldBasket(() => Promise.resolve({ status: 200, body: earlier(1) }));
    expect(response.headers['location']).toBe(`/purchases/${expiredId}`);
    const { text } = await agent.get('/checkout').expect(200);
    expect(fieldsOf(text).line).toEqual(['mug*2*1600']);
    expect(fieldsOf(text).purchaseId).not.toBe(expiredId);
  });

  test('that was certainly not bought gets a new id', async () => {
    const { agent, response } = await openOldBasket(() => Promise.resolve(notRecorded));
    expect(response.headers['location']).toBe('/checkout');
    const { text } = await agent.get('/checkout').expect(200);
    expect(text).not.toContain('may have placed this order before');
    expect(fieldsOf(text).purchaseId).not.toBe(expiredId);
  });

  test.each<[string, TestApp['behind']['invoke']]>([
    ['cannot be checked', unanswered],
    [
      'is delayed',
      () =>
        Promise.resolve({
          ...notRecorded,
          body: { ...(notRecorded.body as object), code: 'purchase-delayed' },
        }),
    ],
  ])('whose purchase %s says so, until it is known', async (_what, answer) => {
    const { agent, response } = await openOldBasket(answer);
    for (const { text } of [response, await agent.get('/checkout').expect(200)]) {
      expect(textOfPage(text)).toContain('You may have placed this order before');
      expect(text).toContain(`href="/purchases/${expiredId}"`);
      expect(fieldsOf(text).purchaseId).not.toBe(expiredId);
    }
  });
});

describe('submitting an order', () => {
  test('redirects to the purchase page and empties the basket', async () => {
    const test = createTestApp();
    const { agent, fields } = await openCheckout(test);
    const response = await postForm(agent, '/purchases', fields).expect(303);
    expect(response.headers['location']).toMatch(new RegExp(`^/purchases/${fields.purchaseId}\\?accepted=`));
    expect(purchaseIn(test.published[0])).toMatchObject({
      purchaseId: fields.purchaseId,
      lines: [{ sku: 'mug', title: 'Mug', quantity: 2, unitPrice: 1600 }],
      total: { amount: 3200, currency: 'EUR' },
    });
    expect(textOfPage((await agent.get('/basket')).text)).toContain('Your basket is empty.');
    expect((await agent.get('/checkout')).headers['location']).toBe('/basket');
  });

  test('twice, or again in another window, publishes the same event', async () => {
    const test = createTestApp();
    const { agent, fields } = await openCheckout(test);
    const [one, two] = await Promise.all([
      postForm(agent, '/purchases', fields),
      postForm(agent, '/purchases', fields),
    ]);
    const three = await postForm(agent, '/purchases', fields);
    expect(new Set([one, two, three].map(({ headers }) => String(headers['location']))).size).toBe(1);
    expect(new Set(test.published.map((publication) => purchaseIn(publication).purchaseId)).size).toBe(1);
    expect(new Set(test.published.map(({ event }) => (event as { id: string }).id)).size).toBe(1);
  });

  test('of other items with the id of an accepted order buys nothing and shows the order with a new id', async () => {
    const test = createTestApp();
    const { agent, fields } = await openCheckout(test);
    await postForm(agent, '/purchases', fields).expect(303);
    const other = orderOf(fields.purchaseId, 'honey*1*995');
    const { text } = await postForm(agent, '/purchases', other).expect(409);
    expect(textOfPage(text)).toContain('You already placed another order from this page');
    expect(text).toContain(`href="/purchases/${fields.purchaseId}?accepted=`);
    expect(fieldsOf(text).line).toEqual(['honey*1*995']);
    expect(test.published).toHaveLength(1);
    await postForm(agent, '/purchases', fieldsOf(text)).expect(303);
    expect(purchaseIn(test.published[1]).purchaseId).not.toBe(fields.purchaseId);
  });

  test('buys what its page showed and keeps in the basket what another window added', async () => {
    const test = createTestApp();
    const { agent, fields } = await openCheckout(test);
    await postForm(agent, '/basket', { sku: 'honey', quantity: '1' });
    await postForm(agent, '/purchases', fields).expect(303);
    expect(purchaseIn(test.published[0]).lines).toHaveLength(1);
    const left = await agent.get('/checkout').expect(200);
    expect(fieldsOf(left.text)).toMatchObject({ line: ['honey*1*995'] });
    expect(fieldsOf(left.text).purchaseId).not.toBe(fields.purchaseId);
  });

  test('names each price that has changed, even if the total is the same, and buys at those prices on the next click', async () => {
    const { agent: before } = await openCheckout(shopSelling({ mug: 1600, honey: 900 }));
    await postForm(before, '/basket', { sku: 'honey', quantity: '2' }).expect(303);
    const fields = fieldsOf((await before.get('/checkout').expect(200)).text);
    const test = shopSelling({ mug: 1500, honey: 1000 });
    const agent = await signedIn(test);
    const { text } = await postForm(agent, '/purchases', fields).expect(409);
    const page = textOfPage(text);
    expect(page).toContain('Prices have changed');
    expect(page).toContain('The mug: €16.00 when you opened this page, €15.00 now.');
    expect(page).toContain('The honey: €9.00 when you opened this page, €10.00 now.');
    expect(page).toContain('The total is now €50.00. Nothing was bought.');
    expect(test.published).toEqual([]);
    expect(fieldsOf(text)).toEqual({ ...fields, line: ['mug*2*1500', 'honey*2*1000'] });
    await postForm(agent, '/purchases', fieldsOf(text)).expect(303);
    expect(purchaseIn(test.published[0])).toMatchObject({ total: { amount: 5000 } });
  });

  test('names only the price that has changed', async () => {
    const test = createTestApp();
    const response = await buy(test, orderOf(v7(), ['mug*2*1500', 'honey*1*995']));
    const page = textOfPage(response.text);
    expect(response.status).toBe(409);
    expect(page).toContain('Mug: €15.00 when you opened this page, €16.00 now.');
    expect(page).not.toContain('Honey: ');
  });

  test.each([
    ['prices', { line: 'mug*2' }],
    ['a person', { person: undefined }],
  ])(
    'from a page of version 0.1.0, without %s, buys nothing and keeps the purchase id',
    async (_what, old) => {
      const test = createTestApp();
      const { agent, fields } = await openCheckout(test);
      const { text } = await postForm(agent, '/purchases', { ...fields, total: '3200', ...old }).expect(409);
      expect(textOfPage(text)).toContain('The shop was updated');
      expect(fieldsOf(text)).toEqual(fields);
      expect(test.published).toEqual([]);
    },
  );

  test('names the items that are no longer for sale and offers the others', async () => {
    const test = createTestApp();
    const { text } = await buy(test, orderOf(v7(), ['mug*1*1600', 'abacus*1*1000']));
    expect(textOfPage(text)).toContain('No longer available: abacus. Nothing was bought');
    expect(fieldsOf(text)).toMatchObject({ line: ['mug*1*1600'] });
    expect((await buy(test, orderOf(v7(), 'abacus*1*100'))).headers['location']).toBe('/basket');
    expect(test.published).toEqual([]);
  });

  test.each(['x', '../..', v7({ msecs: Date.now() - 25 * 3_600_000 }), '🙂', 'a'.repeat(10_000)])(
    'with the purchase id %j buys nothing and shows the order with a new id',
    async (purchaseId) => {
      const test = createTestApp();
      const response = await buy(test, orderOf(purchaseId, 'mug*2*1600'));
      expect(response.status).toBe(400);
      expect(response.text).toContain('This page has expired');
      expect(fieldsOf(response.text).line).toEqual(['mug*2*1600']);
      expect(fieldsOf(response.text).purchaseId).not.toBe(purchaseId);
      expect(test.published).toEqual([]);
    },
  );

  test.each([
    ['not-accepted', unreachable, 'was not accepted'],
    ['not-confirmed', unanswered, 'your order may have gone through'],
  ])(
    'that ends as %s shows the order again with the same purchase id and a matching message',
    async (_outcome, failure, message) => {
      const test = createTestApp();
      test.behind.publish = failure;
      const { agent, fields } = await openCheckout(test);
      const response = await postForm(agent, '/purchases', fields);
      expect(response.status).toBe(503);
      expect(response.headers['retry-after']).toBe('5');
      expect(response.text).toContain(message);
      expect(fieldsOf(response.text)).toEqual(fields);
      expect(response.text).toContain(`href="/purchases/${fields.purchaseId}"`);
      expect(fieldsOf((await agent.get('/checkout')).text)).toEqual(fields);
    },
  );

  test.each([
    [unreachable, 'Nothing was bought', 'may have gone through', 'Try again'],
    [unanswered, 'may have gone through', 'othing was bought', 'See what happened'],
  ])(
    'that fails says one thing, under one heading, and offers one next step',
    async (failure, said, unsaid, step) => {
      const test = createTestApp();
      test.behind.publish = failure;
      const { agent, fields } = await openCheckout(test);
      const { text } = await postForm(agent, '/purchases', fields).expect(503);
      const page = textOfPage(text);
      expect(page).toContain(said);
      expect(page).not.toContain(unsaid);
      expect(page).not.toContain('You place your order when');
      expect(text.match(/<h1/g)).toHaveLength(1);
      const primary = [...text.matchAll(/<(?:a|button)[^>]*class="button"[^>]*>([^<]+)/g)].map(
        ([, name]) => name,
      );
      expect(primary).toEqual([step]);
    },
  );

  test('after the session has ended redirects to the sign-in and keeps the order', async () => {
    const test = createTestApp();
    const agent = request.agent(test.app);
    const fields = orderOf(v7(), ['any-amount*3*999', 'mug*1*1600']);
    const response = await postForm(agent, '/purchases', fields).expect(303);
    expect(response.headers['location']).toBe('/sign-in?returnTo=%2Fcheckout');
    await postForm(agent, '/sign-in', { id: 'ada', name: 'Ada', returnTo: '/checkout' }).expect(303);
    const { text } = await agent.get('/checkout').expect(200);
    expect(fieldsOf(text)).toEqual(fields);
    expect(test.published).toEqual([]);
  });

  test('with an invalid purchase id and no session leaves a basket that can be bought', async () => {
    const agent = request.agent(createTestApp().app);
    await postForm(agent, '/purchases', orderOf('nonsense', 'mug*1*1600')).expect(303);
    await postForm(agent, '/sign-in', { id: 'ada', name: 'Ada' }).expect(303);
    const { text } = await agent.get('/checkout').expect(200);
    await postForm(agent, '/purchases', fieldsOf(text)).expect(303);
  });

  test('for more than one purchase may cost is refused and keeps the order', async () => {
    const mostExpensive = { sku: 'palace', title: 'Palace', description: 'Very large.', category: 'homes' };
    const test = createTestApp({
      catalogue: {
        currencies: ['EUR'],
        categories: [{ id: 'homes', title: 'Homes' }],
        products: [{ ...mostExpensive, prices: { EUR: amountMax } }],
      },
    });
    const response = await buy(test, orderOf(v7(), `palace*2*${amountMax}`));
    expect(response.status).toBe(400);
    expect(response.text).toContain('The total is too high for one purchase');
    expect(fieldsOf(response.text).line).toEqual([`palace*2*${amountMax}`]);
    expect(test.published).toEqual([]);
  });

  test.each([
    ['its own price', { ...orderOf(v7(), 'mug*1*1600'), price: '1' }],
    ['no lines', { ...orderOf(v7(), 'mug*1*1600'), line: undefined }],
    [
      '21 lines',
      orderOf(
        v7(),
        Array.from({ length: 21 }, () => 'mug*1*1600'),
      ),
    ],
    ['a malformed line', orderOf(v7(), 'mug*1*1*1')],
    ['a quantity of 0', orderOf(v7(), 'mug*0*1600')],
    ['a quantity of 101', orderOf(v7(), 'mug*101*1600')],
    ['a price that is not a whole number', orderOf(v7(), 'mug*1*1e3')],
    ['an unknown currency', orderOf(v7(), 'mug*1*1600', 'XYZ')],
  ])('with %s is refused', async (_what, fields) => {
    const test = createTestApp();
    expect((await buy(test, fields)).status).toBe(400);
    expect(test.published).toEqual([]);
  });

  test('in a currency that the shop does not take redirects to the basket', async () => {
    const test = createTestApp();
    expect((await buy(test, orderOf(v7(), 'mug*1*1600', 'CHF'))).headers['location']).toBe('/basket');
    expect(test.published).toEqual([]);
  });

  test.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a sibling site', { 'Sec-Fetch-Site': 'same-site' }],
    ['another origin', { Origin: 'https://elsewhere.example' }],
    ['an opaque origin', { Origin: 'null' }],
    ['an unknown origin', {}],
  ])('from %s is refused', async (_where, headers) => {
    const test = createTestApp();
    const agent = await signedIn(test);
    const response = await agent
      .post('/purchases')
      .set(headers as Record<string, string>)
      .type('form')
      .send(orderOf(v7(), 'mug*1*1600'));
    expect(response.status).toBe(403);
    expect(test.published).toEqual([]);
  });

  test('from a browser that sends only its origin is accepted', async () => {
    const agent = await signedIn(createTestApp());
    const response = await agent
      .post('/purchases')
      .set({ Host: 'shop.example', Origin: 'https://shop.example' })
      .type('form')
      .send(orderOf(v7(), 'mug*1*1600'));
    expect(response.status).toBe(303);
  });

  test.each([
    ['a form of 300 kB', 'application/x-www-form-urlencoded', `line=mug*1&note=${'x'.repeat(300_000)}`, 413],
    ['a form of 1,000 fields', 'application/x-www-form-urlencoded', 'a=1&'.repeat(1000), 413],
    ['plain text', 'text/plain', 'line=mug*1', 400],
    ['a broken encoding', 'application/x-www-form-urlencoded', 'line=%', 400],
  ])('as %s is answered with an error page', async (_what, type, body, status) => {
    const agent = await signedIn(createTestApp());
    const response = await sameSite(agent.post('/purchases')).set('Content-Type', type).send(body);
    expect(response.status).toBe(status);
    expect(response.type).toBe('text/html');
  });
});
