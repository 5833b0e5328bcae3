import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { addToBasket, newVisitor, postForm, readBasket } from '../fakes/browser.js';
import { textOfPage } from '../fakes/html.js';

describe('the form that adds an item to the basket', () => {
  test('leads to the basket, which shows its items and their prices', async () => {
    const { agent } = newVisitor();
    const response = await addToBasket(agent, 'mug', '3').expect(303);
    expect(response.headers['location']).toBe('/basket');
    expect(await readBasket(agent)).toContain('Mug is in your basket.');
    await addToBasket(agent, 'any-amount', '1', ' 12,50 ').expect(303);
    await addToBasket(agent, 'mug', '1').expect(303);
    const page = await readBasket(agent);
    expect(page).toContain('Basket 5');
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
    'for %s with quantity %j and amount %j keeps what was typed and says what is wrong',
    async (sku, quantity, amount, message) => {
      const { agent } = newVisitor();
      const { text } = await addToBasket(agent, sku, quantity, amount).expect(400);
      expect(text).toContain('<title>Error: ');
      expect(text).toContain(message);
      expect(text).not.toContain('<script>');
      for (const typed of [quantity, amount].filter((each) => each !== '' && !each.includes('<')))
        expect(text).toContain(`value="${typed}"`);
      expect(await readBasket(agent)).toContain('Your basket is empty.');
    },
  );

  test.each([
    ['en', 'EUR', '1,234.56', 'Total €1,234.56'],
    ['en', 'EUR', '1,234', 'Total €1,234.00'],
    ['en', 'EUR', '€5', 'Total €5.00'],
    ['en', 'EUR', '5 EUR', 'Total €5.00'],
    ['en-US', 'USD', '$1,250.50', 'Total $1,250.50'],
    ['en', 'JPY', '¥1,250', 'Total ¥1,250'],
    ['de', 'EUR', '1.250,50', 'Gesamt 1.250,50 €'],
    ['de', 'EUR', '1.250', 'Gesamt 1.250,00 €'],
    ['de', 'EUR', '5 €', 'Gesamt 5,00 €'],
    ['de', 'EUR', '12.50', 'Gesamt 12,50 €'],
  ])('in %s and %s takes the amount %j as people type it', async (language, currency, amount, total) => {
    const { agent } = newVisitor();
    void agent.set('Accept-Language', language);
    await postForm(agent, '/currency', { currency, returnTo: '/' });
    await addToBasket(agent, 'any-amount', '1', amount).expect(303);
    expect((await readBasket(agent)).replaceAll(/\s/g, ' ')).toContain(total);
  });

  test.each([
    ['en', 'JPY', 'Enter an amount, such as 1,250'],
    ['de', 'EUR', 'Geben Sie einen Betrag ein, zum Beispiel 12,50'],
    ['de', 'JPY', 'Geben Sie einen Betrag ein, zum Beispiel 1.250'],
  ])('in %s and %s has an example that is an amount there', async (language, currency, message) => {
    const { agent } = newVisitor();
    void agent.set('Accept-Language', language);
    await postForm(agent, '/currency', { currency, returnTo: '/' });
    expect((await addToBasket(agent, 'any-amount', '1', 'much').expect(400)).text).toContain(message);
  });

  test('says when the basket is full', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '99').expect(303);
    const { text } = await addToBasket(agent, 'mug', '2').expect(400);
    expect(text).toContain('Your basket can hold at most 100 of one item');
    for (let cents = 101; cents <= 119; cents += 1)
      await addToBasket(agent, 'any-amount', '1', `1.${String(cents).slice(1)}`).expect(303);
    const full = await addToBasket(agent, 'honey').expect(400);
    expect(full.text).toContain('Your basket can hold at most 20 different items');
    expect(await readBasket(agent)).toContain('Basket 118');
  });

  test('is answered with 404 for an unknown item and with 400 for unknown or missing fields', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'unicorn').expect(404);
    await addToBasket(agent, '__proto__').expect(404);
    await postForm(agent, '/basket', { sku: 'mug', quantity: '1', price: '1' }).expect(400);
    await postForm(agent, '/basket', { sku: 'mug' }).expect(400);
  });
});

describe('the notice that an item was added', () => {
  test('is shown once', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug').expect(303);
    expect(await readBasket(agent)).toContain('Mug is in your basket.');
    expect(await readBasket(agent)).not.toContain('Mug is in your basket.');
  });

  test('is not shown for an item that has left the basket, nor for an address that claims it', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug').expect(303);
    await postForm(agent, '/basket/change', { remove: 'mug' }).expect(303);
    expect(await readBasket(agent)).not.toContain('is in your basket');
    const { text } = await agent.get('/basket?added=cast-iron-pan').expect(200);
    expect(text).not.toContain('is in your basket');
  });

  test.each(['added', 'added.', 'added.<script>', 'again.x y', 'sold.mug', 'added.__proto__', '%'])(
    'is not shown for the cookie %j',
    async (value) => {
      const { app } = newVisitor();
      const { text } = await request(app).get('/basket').set('Cookie', `basket-notice=${value}`).expect(200);
      expect(text).not.toContain('notice--done');
    },
  );

  test('leads back to the catalogue for an item that was added there, which shows it', async () => {
    const { agent } = newVisitor();
    const home = await agent.get('/?category=desk').expect(200);
    expect(home.text).toContain('name="returnTo" value="/?category=desk"');
    const fields = { sku: 'notebook', quantity: '1', returnTo: '/?category=desk' };
    const response = await postForm(agent, '/basket', fields).expect(303);
    expect(response.headers['location']).toBe('/?category=desk');
    const page = textOfPage((await agent.get('/?category=desk').expect(200)).text);
    expect(page).toContain('Notebook is in your basket.');
    expect(page).toContain('Basket 1');
  });

  test('leads nowhere else', async () => {
    const { agent } = newVisitor();
    const fields = { sku: 'mug', quantity: '1', returnTo: '//elsewhere.example' };
    const response = await postForm(agent, '/basket', fields).expect(303);
    expect(response.headers['location']).toBe('/');
  });
});

describe("the basket's form", () => {
  test('applies the quantities that were typed before it leads to the checkout', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '3');
    const fields = { 'quantity:mug': '5', then: 'checkout' };
    const response = await postForm(agent, '/basket/change', fields).expect(303);
    expect(response.headers['location']).toBe('/checkout');
    expect(await readBasket(agent)).toContain('Basket 5');
  });

  test('does not lead to the checkout with a quantity that is not valid, nor with an empty basket', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '3');
    const wrong = { 'quantity:mug': 'x', then: 'checkout' };
    const { text } = await postForm(agent, '/basket/change', wrong).expect(400);
    expect(textOfPage(text)).toContain('Mug: enter a whole number from 1 to 100');
    const none = { 'quantity:mug': '0', then: 'checkout' };
    const response = await postForm(agent, '/basket/change', none).expect(303);
    expect(response.headers['location']).toBe('/basket');
  });

  test.each([
    ['one more', { 'quantity:mug': '3', more: 'mug' }, 'Basket 5'],
    ['one less', { 'quantity:mug': '3', less: 'mug' }, 'Basket 3'],
    ['one more than was typed', { 'quantity:mug': '7', more: 'mug' }, 'Basket 9'],
    ['one more of another item', { 'quantity:mug': '4', more: 'honey', 'quantity:honey': '1' }, 'Basket 6'],
    ['one more of an item that is not there', { 'quantity:mug': '3', more: 'teapot' }, 'Basket 4'],
  ])('has buttons for %s', async (_name, fields, count) => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '3');
    await addToBasket(agent, 'honey', '1');
    await postForm(agent, '/basket/change', fields).expect(303);
    expect(await readBasket(agent)).toContain(count);
  });

  test('comes back to the line whose button was pressed', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'any-amount', '1', '5');
    const fields = { 'quantity:any-amount*500': '1', more: 'any-amount*500' };
    const response = await postForm(agent, '/basket/change', fields).expect(303);
    expect(response.headers['location']).toBe('/basket#quantity%3Aany-amount*500');
  });

  test('names the item when there would be too many of it', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '100');
    await addToBasket(agent, 'honey', '1');
    const fields = { 'quantity:mug': '100', 'quantity:honey': 'many', more: 'mug' };
    const { text } = await postForm(agent, '/basket/change', fields).expect(400);
    expect(textOfPage(text)).toContain('Mug: enter a whole number from 1 to 100');
    expect(textOfPage(text)).toContain('Honey: enter a whole number from 1 to 100');
    expect(text).toContain('value="many"');
  });
});

describe('the basket', () => {
  test('can have its quantities changed and its items removed', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '3');
    await addToBasket(agent, 'honey');
    await addToBasket(agent, 'any-amount', '1', '5');
    await postForm(agent, '/basket/change', { 'quantity:mug': '2', 'quantity:honey': '0' }).expect(303);
    expect(await readBasket(agent)).toContain('Basket 3');
    await postForm(agent, '/basket/change', { 'quantity:mug': '7', remove: 'any-amount*500' }).expect(303);
    const page = await readBasket(agent);
    expect(page).toContain('Total €112.00');
    expect(page).not.toContain('Honey');
    expect(page).not.toContain('Any amount');
  });

  test('keeps what was typed when a quantity is not valid, and changes nothing', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '3');
    await addToBasket(agent, 'honey');
    const { text } = await postForm(agent, '/basket/change', {
      'quantity:mug': 'lots',
      'quantity:honey': '5',
    }).expect(400);
    expect(text).toContain('href="#quantity:mug"');
    expect(text).toContain('value="lots"');
    expect(text).toContain('value="5"');
    expect(await readBasket(agent)).toContain('Basket 4');
  });

  test('does not change when a form contains only other lines', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '3');
    await postForm(agent, '/basket/change', { 'quantity:teapot': '2', remove: 'honey' }).expect(303);
    expect(await readBasket(agent)).toContain('Basket 3');
  });

  test('stays after signing in and is empty after signing out', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '3');
    await postForm(agent, '/sign-in', { id: 'ada', name: 'Ada' }).expect(303);
    expect(await readBasket(agent)).toContain('Basket 3');
    await postForm(agent, '/sign-out', {}).expect(303);
    expect(await readBasket(agent)).toContain('Your basket is empty.');
  });

  test('is empty when its cookie was forged or altered', async () => {
    const { app, agent } = newVisitor();
    const response = await addToBasket(agent, 'mug', '3');
    const [cookie = ''] = (response.headers['set-cookie'] as unknown as string[])
      .filter((each) => each.startsWith('basket='))
      .map((each) => each.split(';')[0] ?? '');
    const show = async (sent: string) =>
      textOfPage((await request(app).get('/basket').set('Cookie', sent).expect(200)).text);
    expect(await show(cookie)).toContain('Basket 3');
    for (const forged of [
      cookie.slice(0, -3),
      `${cookie.slice(0, 60)}x${cookie.slice(61)}`,
      'basket=eyJsaW5lcyI6W119',
      `basket=${encodeURIComponent('{"currency":"EUR","lines":[{"sku":"mug","quantity":1}]}')}`,
    ])
      expect(await show(forged)).toContain('Your basket is empty.');
  });

  test('stays when the session cookie is damaged', async () => {
    const { app, agent } = newVisitor();
    const response = await addToBasket(agent, 'mug', '3');
    const basket = String(response.headers['set-cookie']).split(';')[0] ?? '';
    const { text } = await request(app).get('/basket').set('Cookie', `session=Fe26.2*broken; ${basket}`);
    expect(textOfPage(text)).toContain('Basket 3');
  });
});
