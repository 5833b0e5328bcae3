import { describe, expect, test } from '@jest/globals';
import { purchaseSchema, sumOfLines, type Purchase, type PurchaseLine } from '@unity-purchase/contracts';
import request from 'supertest';
import { v7 } from 'uuid';
import { textOfPage } from '../fakes/html.js';
import { createTestApp, recorded, sameSite, signedIn } from '../fakes/test-app.js';

type Agent = ReturnType<typeof request.agent>;

const post = (agent: Agent, path: string, fields: object) =>
  sameSite(agent.post(path)).type('form').send(fields);
const put = (agent: Agent, sku: string, quantity = '1', amount?: string) =>
  post(agent, '/basket', { sku, quantity, ...(amount === undefined ? {} : { amount }) });
const read = async (agent: Agent) => textOfPage((await agent.get('/basket').expect(200)).text);

function newAgent() {
  const test = createTestApp();
  return { ...test, agent: request.agent(test.app) };
}

describe('the form that puts something into the basket', () => {
  test('leads to the basket, which says what it holds and what that costs', async () => {
    const { agent } = newAgent();
    const response = await put(agent, 'mug', '3').expect(303);
    expect(response.headers['location']).toBe('/basket?added=mug');
    const { text } = await agent.get('/basket?added=mug').expect(200);
    expect(textOfPage(text)).toContain('Mug is in your basket.');
    await put(agent, 'any-amount', '1', ' 12,50 ').expect(303);
    await put(agent, 'mug', '1').expect(303);
    const page = await read(agent);
    expect(page).toContain('Basket (5)');
    expect(page).toContain('€64.00');
    expect(page).toContain('€12.50');
    expect(page).toContain('Total €76.50');
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
    ['any-amount', '1', '12.505', 'Enter an amount with at most 2 decimals'],
    ['any-amount', '1', '0', 'Enter an amount from €1.00 to €10,000.00'],
    ['any-amount', '1', '999999999999', 'Enter an amount from €1.00 to €10,000.00'],
    ['any-amount', 'x', 'y', 'Enter an amount, such as 12.50'],
  ])(
    'of %s with quantity %j and amount %j comes back with what was typed and what is wrong',
    async (sku, quantity, amount, message) => {
      const { agent } = newAgent();
      const { text } = await put(agent, sku, quantity, amount).expect(400);
      expect(text).toContain('<title>Error: ');
      expect(text).toContain(message);
      expect(text).not.toContain('<script>');
      for (const typed of [quantity, amount].filter((each) => each !== '' && !each.includes('<')))
        expect(text).toContain(`value="${typed}"`);
      expect(await read(agent)).toContain('Your basket is empty.');
    },
  );

  test('says when the basket cannot hold more of it', async () => {
    const { agent } = newAgent();
    await put(agent, 'mug', '99').expect(303);
    const { text } = await put(agent, 'mug', '2').expect(400);
    expect(text).toContain('Your basket can hold at most 100 of one item');
    for (let cents = 101; cents <= 119; cents += 1)
      await put(agent, 'any-amount', '1', `1.${String(cents).slice(1)}`).expect(303);
    const full = await put(agent, 'honey').expect(400);
    expect(full.text).toContain('Your basket can hold at most 20 different items');
    expect(await read(agent)).toContain('Basket (118)');
  });

  test('of something unknown is 404, and one with a field too many 400', async () => {
    const { agent } = newAgent();
    await put(agent, 'unicorn').expect(404);
    await put(agent, '__proto__').expect(404);
    await post(agent, '/basket', { sku: 'mug', quantity: '1', price: '1' }).expect(400);
    await post(agent, '/basket', { sku: 'mug' }).expect(400);
  });
});

describe('the basket', () => {
  test('lets quantities be changed and things be taken out', async () => {
    const { agent } = newAgent();
    await put(agent, 'mug', '3');
    await put(agent, 'honey');
    await put(agent, 'any-amount', '1', '5');
    await post(agent, '/basket/change', { 'quantity:mug': '2', 'quantity:honey': '0' }).expect(303);
    expect(await read(agent)).toContain('Basket (3)');
    await post(agent, '/basket/change', { 'quantity:mug': '7', remove: 'any-amount*500' }).expect(303);
    const page = await read(agent);
    expect(page).toContain('Total €112.00');
    expect(page).not.toContain('Honey');
    expect(page).not.toContain('Any amount');
  });

  test('comes back with what was typed where a quantity is none, and changes nothing', async () => {
    const { agent } = newAgent();
    await put(agent, 'mug', '3');
    await put(agent, 'honey');
    const { text } = await post(agent, '/basket/change', {
      'quantity:mug': 'lots',
      'quantity:honey': '5',
    }).expect(400);
    expect(text).toContain('href="#quantity:mug"');
    expect(text).toContain('value="lots"');
    expect(text).toContain('value="5"');
    expect(await read(agent)).toContain('Basket (4)');
  });

  test('is not touched by a form that knows other lines', async () => {
    const { agent } = newAgent();
    await put(agent, 'mug', '3');
    await post(agent, '/basket/change', { 'quantity:teapot': '2', remove: 'honey' }).expect(303);
    expect(await read(agent)).toContain('Basket (3)');
  });

  test('survives signing in, and is gone after signing out', async () => {
    const { agent } = newAgent();
    await put(agent, 'mug', '3');
    await post(agent, '/sign-in', { id: 'ada', name: 'Ada' }).expect(303);
    expect(await read(agent)).toContain('Basket (3)');
    await post(agent, '/sign-out', {}).expect(303);
    expect(await read(agent)).toContain('Your basket is empty.');
  });

  test('cannot be forged or altered: what nobody sealed is none', async () => {
    const { app, agent } = newAgent();
    const response = await put(agent, 'mug', '3');
    const [cookie = ''] = (response.headers['set-cookie'] as unknown as string[])
      .filter((each) => each.startsWith('basket='))
      .map((each) => each.split(';')[0] ?? '');
    const show = async (sent: string) =>
      textOfPage((await request(app).get('/basket').set('Cookie', sent).expect(200)).text);
    expect(await show(cookie)).toContain('Basket (3)');
    for (const forged of [
      cookie.slice(0, -3),
      `${cookie.slice(0, 60)}x${cookie.slice(61)}`,
      'basket=eyJsaW5lcyI6W119',
      `basket=${encodeURIComponent('{"currency":"EUR","lines":[{"sku":"mug","quantity":1}]}')}`,
    ])
      expect(await show(forged)).toContain('Your basket is empty.');
  });

  test('of a browser whose session is damaged is still there', async () => {
    const { app, agent } = newAgent();
    const response = await put(agent, 'mug', '3');
    const basket = String(response.headers['set-cookie']).split(';')[0] ?? '';
    const { text } = await request(app).get('/basket').set('Cookie', `session=Fe26.2*broken; ${basket}`);
    expect(textOfPage(text)).toContain('Basket (3)');
  });
});

describe('the currency', () => {
  test('of a basket can be changed as long as everything in it has a price in it', async () => {
    const { agent } = newAgent();
    await put(agent, 'mug', '2');
    await post(agent, '/currency', { currency: 'JPY', returnTo: '/basket' })
      .expect(303)
      .expect('Location', '/basket');
    expect(await read(agent)).toContain('Total ¥5,200');
    expect(textOfPage((await agent.get('/')).text)).toContain('from ¥100');
  });

  test('stays while an amount that was named is in the basket, and the page says why', async () => {
    const { agent } = newAgent();
    await put(agent, 'any-amount', '1', '5');
    const { text } = await post(agent, '/currency', { currency: 'USD' }).expect(409);
    expect(text).toContain('You cannot pay in USD for: Any amount. Remove this from your basket first');
    expect(await read(agent)).toContain('Total €5.00');
  });

  test('is one that the shop has', async () => {
    const { agent } = newAgent();
    for (const currency of ['XYZ', 'eur', '__proto__', ''])
      await post(agent, '/currency', { currency }).expect(400);
  });
});

describe('buying again', () => {
  function bought(lines: PurchaseLine[], currency = 'EUR'): Purchase {
    return purchaseSchema.parse({
      purchaseId: v7(),
      shopper: { id: 'ada', name: 'Ada' },
      lines,
      total: { amount: sumOfLines(lines), currency },
      placedAt: '2026-01-01T10:00:00.000Z',
    });
  }

  test('fills the basket at the prices of today, and names what is not for sale any more', async () => {
    const test = createTestApp();
    const purchase = bought([
      { sku: 'mug', title: 'Old mug', quantity: 2, unitPrice: 900 },
      { sku: 'abacus', title: 'Abacus', quantity: 1, unitPrice: 100 },
      { sku: 'any-amount', title: 'Any amount', quantity: 1, unitPrice: 700 },
    ]);
    test.behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    const agent = await signedIn(test);
    const response = await post(agent, '/basket/again', { purchaseId: purchase.purchaseId }).expect(303);
    const page = textOfPage((await agent.get(response.headers['location'] ?? '').expect(200)).text);
    expect(page).toContain('We could not add: abacus.');
    expect(page).toContain('Total €39.00');
  });

  test('takes on the currency of the purchase where the basket is empty', async () => {
    const test = createTestApp();
    const purchase = bought([{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice: 1 }], 'JPY');
    test.behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    const agent = await signedIn(test);
    await post(agent, '/basket/again', { purchaseId: purchase.purchaseId }).expect(303);
    expect(await read(agent)).toContain('Total ¥2,600');
  });

  test('when the session is over leads to the sign-in, and then to the history', async () => {
    const { agent } = newAgent();
    const response = await post(agent, '/basket/again', { purchaseId: v7() }).expect(303);
    expect(response.headers['location']).toBe('/sign-in?returnTo=%2Fpurchases');
  });

  test('of what is not recorded is 404, and of another shopper’s asks for one’s own', async () => {
    const test = createTestApp();
    const agent = await signedIn(test);
    await post(agent, '/basket/again', { purchaseId: v7() }).expect(404);
    expect(test.invoked.every((path) => path.includes('/~'))).toBe(true);
    await post(agent, '/basket/again', { purchaseId: '../..' }).expect(400);
  });
});

describe('a page in another language', () => {
  test('is the browser’s, amounts included, unless another is chosen', async () => {
    const { agent } = newAgent();
    const german = await agent.get('/products/mug').set('Accept-Language', 'de-DE,de;q=0.9,en;q=0.5');
    expect(german.text).toContain('<html lang="de">');
    expect(german.headers['content-language']).toBe('de');
    expect(german.text).toContain('In den Warenkorb');
    expect(german.text).toContain('16,00\u00a0€');
    await post(agent, '/language', { language: 'en', returnTo: '/' }).expect(303);
    const english = await agent.get('/products/mug').set('Accept-Language', 'de-DE,de;q=0.9,en;q=0.5');
    expect(english.text).toContain('Add to basket');
    await post(agent, '/language', { language: '__proto__' }).expect(400);
  });

  test('says in it what is wrong, and what the error is', async () => {
    const { agent } = newAgent();
    const refused = await put(agent, 'mug', '0').set('Accept-Language', 'de');
    expect(refused.text).toContain('Geben Sie eine ganze Zahl von 1 bis 100 ein');
    const missing = await agent.get('/products/unicorn').set('Accept-Language', 'de').expect(404);
    expect(missing.text).toContain('Produkt nicht gefunden');
  });
});

describe('the catalogue', () => {
  test.each([
    ['/?q=TEAPOT', ['Teapot'], ['Mug']],
    ['/?q=stoneware%20mug', ['Mug'], ['Teapot']],
    ['/?q=caf%C3%A9', [], ['Mug']],
    ['/?category=kitchen', ['Honey', 'Olive oil'], ['Mug', 'Any amount']],
    ['/?category=kitchen&q=oil', ['Olive oil'], ['Honey']],
    ['/?category=nothing', ['Mug', 'Any amount'], []],
    ['/?q=%3Cscript%3E', [], ['Mug', '<script>']],
  ])('at %s shows %j and not %j', async (path, there, missing) => {
    const { app } = createTestApp();
    const { text } = await request(app).get(path).expect(200);
    const titles = [...text.matchAll(/product-card__title">([^<]+)/g)].map(([, title]) => title);
    expect(titles).toEqual(expect.arrayContaining(there));
    for (const title of missing) expect(titles).not.toContain(title);
    if (there.length === 0) expect(textOfPage(text)).toContain('No results for');
    expect(text).not.toContain('<script>');
  });

  test('is searched in the language of the page', async () => {
    const { app } = createTestApp();
    const { text } = await request(app).get('/?q=gru%CC%88ner').set('Accept-Language', 'de').expect(200);
    expect(text).toContain('Grüner Tee');
  });
});
