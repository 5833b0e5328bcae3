import { describe, expect, test } from '@jest/globals';
import { addToBasket, newVisitor, postForm, readBasket } from '../fakes/browser.js';
import { textOfPage } from '../fakes/html.js';

describe('the currency', () => {
  test('can be changed while every item in the basket has a price in the new one', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'mug', '2');
    await postForm(agent, '/currency', { currency: 'JPY', returnTo: '/basket' })
      .expect(303)
      .expect('Location', '/basket');
    expect(await readBasket(agent)).toContain('Total ¥5,200');
    expect(textOfPage((await agent.get('/')).text)).toContain('from ¥100');
  });

  test('stays the same while the basket contains an amount the shopper chose, and the page says why', async () => {
    const { agent } = newVisitor();
    await addToBasket(agent, 'any-amount', '1', '5');
    const { text } = await postForm(agent, '/currency', { currency: 'USD' }).expect(409);
    expect(text).toContain('You cannot pay in USD for: Any amount. Remove this from your basket first');
    expect(await readBasket(agent)).toContain('Total €5.00');
  });

  test('can only be one that the shop takes', async () => {
    const { agent } = newVisitor();
    for (const currency of ['XYZ', 'eur', '__proto__', ''])
      await postForm(agent, '/currency', { currency }).expect(400);
  });
});
