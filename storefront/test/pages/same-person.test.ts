import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { v7 } from 'uuid';
import { addToBasket, formIn, postForm, readBasket, type Agent } from '../fakes/browser.js';
import { textOfPage } from '../fakes/html.js';
import { createTestApp, purchaseIn, recorded, signedIn, type TestApp } from '../fakes/test-app.js';

const operatorToken = 'the-token-of-operators';

const signIn = (agent: Agent, id: string, name: string) =>
  postForm(agent, '/sign-in', { id, name }).expect(303);

/** Ada's checkout page in one tab, with two mugs. The browser, whose cookies all tabs share, is `agent`. */
async function openAdasCheckout(shop: TestApp) {
  const agent = await signedIn(shop);
  await addToBasket(agent, 'mug', '2').expect(303);
  const { text } = await agent.get('/checkout').expect(200);
  return { agent, form: formIn(text, '/purchases') };
}

describe('after someone else has signed in in another tab', () => {
  test('the buy button of the first tab buys nothing and says who is signed in now', async () => {
    const shop = createTestApp();
    const { agent, form } = await openAdasCheckout(shop);
    await signIn(agent, 'bob', 'Bob');
    const { text } = await postForm(agent, '/purchases', form).expect(409);
    expect(textOfPage(text)).toContain('You are now signed in as Bob');
    expect(text).toContain('<bdi>Bob</bdi>');
    expect(shop.published).toEqual([]);
    await signIn(agent, 'ada', 'Ada');
    await postForm(agent, '/purchases', form).expect(303);
    expect(purchaseIn(shop.published[0]).shopper.id).toBe('ada');
  });

  test('no form of the first tab changes anything', async () => {
    const shop = createTestApp();
    const agent = await signedIn(shop);
    await addToBasket(agent, 'mug', '2').expect(303);
    const product = formIn((await agent.get('/products/honey')).text, '/basket');
    const basket = formIn((await agent.get('/basket')).text, '/basket/change');
    await signIn(agent, 'bob', 'Bob');
    const before = await readBasket(agent);
    for (const [path, form] of [
      ['/basket', product],
      ['/basket/change', { ...basket, 'quantity:mug': '7' }],
      ['/basket/again', { ...basket, purchaseId: v7() }],
    ] as const) {
      const { text } = await postForm(agent, path, form).expect(409);
      expect(textOfPage(text)).toContain('You are now signed in as Bob');
    }
    expect(await readBasket(agent)).toBe(before);
  });

  test('the page is in German for who reads German', async () => {
    const shop = createTestApp();
    const { agent, form } = await openAdasCheckout(shop);
    await signIn(agent, 'bob', 'Bob');
    const { text } = await postForm(agent, '/purchases', form).set('Accept-Language', 'de').expect(409);
    expect(textOfPage(text)).toContain('Sie sind jetzt als Bob angemeldet');
  });

  test('the desk of the first tab decides nothing for another operator', async () => {
    const shop = createTestApp({ operatorToken });
    const agent = await signedIn(shop);
    await postForm(agent, '/operators/sign-in', { token: operatorToken }).expect(303);
    const id = '0123456789abcdef0123456789abcdef';
    const letter = {
      id,
      reason: 'not-recorded',
      arrivedAt: '2026-01-01T10:00:00.000Z',
      state: 'waiting',
      replays: 0,
      problems: [],
      replayable: true,
      problemsNow: [],
      base64: '',
    };
    shop.behind.invoke = () => Promise.resolve({ status: 200, body: letter });
    const path = `/operators/dead-letters/${id}`;
    const form = formIn((await agent.get(path).expect(200)).text, `${path}/replay`);
    await signIn(agent, 'bob', 'Bob');
    await postForm(agent, '/operators/sign-in', { token: operatorToken }).expect(303);
    const { text } = await postForm(agent, `${path}/replay`, form).expect(409);
    expect(textOfPage(text)).toContain("You are now signed in as the operators' token, as bob");
    expect(shop.invoked.filter((each) => each.endsWith('/replay'))).toEqual([]);
  });

  test('signing out in the first tab works', async () => {
    const shop = createTestApp();
    const { agent } = await openAdasCheckout(shop);
    const form = formIn((await agent.get('/')).text, '/sign-out');
    await signIn(agent, 'bob', 'Bob');
    await postForm(agent, '/sign-out', form).expect(303);
    expect((await agent.get('/')).text).not.toContain('Sign out');
  });
});

test('a page that was opened before signing in works afterwards', async () => {
  const agent = request.agent(createTestApp().app);
  const form = formIn((await agent.get('/products/mug')).text, '/basket');
  await signIn(agent, 'ada', 'Ada');
  await postForm(agent, '/basket', form).expect(303);
  expect(await readBasket(agent)).toContain('Basket 1');
});

test('changing who is ordering on the checkout page keeps the order', async () => {
  const { agent } = await openAdasCheckout(createTestApp());
  await signIn(agent, 'bob', 'Bob');
  const { text } = await agent.get('/checkout').expect(200);
  expect(textOfPage(text)).toContain('Ordering as Bob');
});

describe('after signing out in another tab', () => {
  test('the buy button of the first tab keeps the order for that shopper and shows it to no one else', async () => {
    const shop = createTestApp();
    const { agent, form } = await openAdasCheckout(shop);
    await postForm(agent, '/sign-out', {}).expect(303);
    await postForm(agent, '/purchases', form).expect(303).expect('Location', '/sign-in?returnTo=%2Fcheckout');
    expect(await readBasket(agent)).toContain('Your basket is empty.');
    await signIn(agent, 'bob', 'Bob');
    expect(await readBasket(agent)).toContain('Your basket is empty.');
    expect((await agent.get('/checkout')).headers['location']).toBe('/basket');
    await signIn(agent, 'ada', 'Ada');
    expect(textOfPage((await agent.get('/checkout').expect(200)).text)).toContain('Buy for €32.00');
    expect(shop.published).toEqual([]);
  });

  test('a form of the first tab leads to the sign-in and adds nothing', async () => {
    const shop = createTestApp();
    const agent = await signedIn(shop);
    const form = formIn((await agent.get('/products/mug')).text, '/basket');
    await postForm(agent, '/sign-out', {}).expect(303);
    const response = await postForm(agent, '/basket', form).expect(303);
    expect(response.headers['location']).toBe('/sign-in?returnTo=%2Fbasket');
    await signIn(agent, 'bob', 'Bob');
    expect(await readBasket(agent)).toContain('Your basket is empty.');
  });

  test('a late answer that still stores the basket of that shopper shows it to no one else', async () => {
    const shop = createTestApp();
    const agent = await signedIn(shop);
    const late = await addToBasket(agent, 'mug', '2').expect(303);
    await postForm(agent, '/sign-out', {}).expect(303);
    const [cookie = ''] = String(late.headers['set-cookie']).split(';');
    agent.jar.setCookie(cookie, '127.0.0.1', '/');
    expect(await readBasket(agent)).toContain('Your basket is empty.');
    await signIn(agent, 'bob', 'Bob');
    expect(await readBasket(agent)).toContain('Your basket is empty.');
  });
});

test('every form says for whom it is, except those that belong to the browser', async () => {
  const shop = createTestApp({ operatorToken });
  const { agent, form } = await openAdasCheckout(shop);
  const purchaseId = String(form['purchaseId']);
  const entry = recorded({
    purchaseId,
    shopper: { id: 'ada', name: 'Ada' },
    lines: [{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice: 1600 }],
    total: { amount: 1600, currency: 'EUR' },
    placedAt: '2026-01-01T10:00:00.000Z',
  });
  const page = { purchases: [entry], totals: { count: 1, sums: { EUR: 1600 } } };
  shop.behind.invoke = (path) => {
    if (path.endsWith('/months')) return Promise.resolve({ status: 200, body: { months: [] } });
    return Promise.resolve({ status: 200, body: path.endsWith(purchaseId) ? entry : page });
  };
  const forms: string[] = [];
  for (const path of [
    '/',
    '/products/mug',
    '/products/any-amount',
    '/basket',
    '/checkout',
    '/purchases',
    `/purchases/${purchaseId}`,
    '/operators/sign-in',
  ]) {
    const { text } = await agent.get(path).expect(200);
    for (const [whole, action = ''] of text.matchAll(
      /<form[^>]*method="post"[^>]*action="([^"]*)".*?<\/form>/gs,
    ))
      if (!/name="person" value="~[\w-]{43}"/.test(whole)) forms.push(action);
  }
  expect(new Set(forms)).toEqual(new Set(['/sign-out', '/currency', '/language']));
});
