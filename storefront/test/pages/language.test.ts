import { describe, expect, test } from '@jest/globals';
import { addToBasket, newVisitor, postForm } from '../fakes/browser.js';

const germanBrowser = ['Accept-Language', 'de-DE,de;q=0.9,en;q=0.5'] as const;

describe('the language of a page', () => {
  test('is the one the browser prefers, for texts and for amounts', async () => {
    const { agent } = newVisitor();
    const { text, headers } = await agent.get('/products/mug').set(...germanBrowser);
    expect(text).toContain('<html lang="de">');
    expect(headers['content-language']).toBe('de');
    expect(text).toContain('In den Warenkorb');
    expect(text).toContain('16,00\u00a0€');
  });

  test('is the one the shopper chose, whatever the browser prefers', async () => {
    const { agent } = newVisitor();
    await postForm(agent, '/language', { language: 'en', returnTo: '/' }).expect(303);
    const { text } = await agent.get('/products/mug').set(...germanBrowser);
    expect(text).toContain('Add to basket');
  });

  test('can only be one that the shop has', async () => {
    const { agent } = newVisitor();
    for (const language of ['__proto__', 'fr', ''])
      await postForm(agent, '/language', { language }).expect(400);
  });

  test('is also used for mistakes in forms and for error pages', async () => {
    const { agent } = newVisitor();
    const refused = await addToBasket(agent, 'mug', '0').set('Accept-Language', 'de');
    expect(refused.text).toContain('Geben Sie eine ganze Zahl von 1 bis 100 ein');
    const missing = await agent.get('/products/unicorn').set('Accept-Language', 'de').expect(404);
    expect(missing.text).toContain('Produkt nicht gefunden');
  });
});
