import { describe, expect, test } from '@jest/globals';
import { purchaseSchema, sumOfLines, type Purchase, type PurchaseLine } from '@unity-purchase/contracts';
import { v7 } from 'uuid';
import { newVisitor, postForm, readBasket } from '../fakes/browser.js';
import { textOfPage } from '../fakes/html.js';
import { createTestApp, recorded, signedIn } from '../fakes/test-app.js';

function bought(lines: PurchaseLine[], currency = 'EUR'): Purchase {
  return purchaseSchema.parse({
    purchaseId: v7(),
    shopper: { id: 'ada', name: 'Ada' },
    lines,
    total: { amount: sumOfLines(lines), currency },
    placedAt: '2026-01-01T10:00:00.000Z',
  });
}

describe('buying again', () => {
  test('fills the basket at current prices and lists the items that could not be added', async () => {
    const shop = createTestApp();
    const purchase = bought([
      { sku: 'mug', title: 'Old mug', quantity: 2, unitPrice: 900 },
      { sku: 'abacus', title: 'Abacus', quantity: 1, unitPrice: 100 },
      { sku: 'any-amount', title: 'Any amount', quantity: 1, unitPrice: 700 },
    ]);
    shop.behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    const agent = await signedIn(shop);
    const response = await postForm(agent, '/basket/again', { purchaseId: purchase.purchaseId }).expect(303);
    const page = textOfPage((await agent.get(response.headers['location'] ?? '').expect(200)).text);
    expect(page).toContain('We could not add: abacus.');
    expect(page).toContain('Total €39.00');
  });

  test('says whether something else is in the basket as well', async () => {
    const shop = createTestApp();
    const purchase = bought([{ sku: 'mug', title: 'Mug', quantity: 2, unitPrice: 1600 }]);
    shop.behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    const agent = await signedIn(shop);
    const { purchaseId } = purchase;
    await postForm(agent, '/basket/again', { purchaseId }).expect(303);
    expect(await readBasket(agent)).not.toContain('to what was already in your basket');
    await postForm(agent, '/basket/again', { purchaseId }).expect(303);
    const page = await readBasket(agent);
    expect(page).toContain('to what was already in your basket. Check the quantities.');
    expect(page).toContain('Total €64.00');
  });

  test('switches an empty basket to the currency of the purchase', async () => {
    const shop = createTestApp();
    const purchase = bought([{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice: 1 }], 'JPY');
    shop.behind.invoke = () => Promise.resolve({ status: 200, body: recorded(purchase) });
    const agent = await signedIn(shop);
    await postForm(agent, '/basket/again', { purchaseId: purchase.purchaseId }).expect(303);
    expect(await readBasket(agent)).toContain('Total ¥2,600');
  });

  test('redirects to the sign-in and then to the history when the session has ended', async () => {
    const { agent } = newVisitor();
    const response = await postForm(agent, '/basket/again', { purchaseId: v7() }).expect(303);
    expect(response.headers['location']).toBe('/sign-in?returnTo=%2Fpurchases');
  });

  test('answers 404 for a purchase that is not recorded, and only reads the shopper’s own history', async () => {
    const shop = createTestApp();
    const agent = await signedIn(shop);
    await postForm(agent, '/basket/again', { purchaseId: v7() }).expect(404);
    expect(shop.invoked.every((path) => path.includes('/~'))).toBe(true);
    await postForm(agent, '/basket/again', { purchaseId: '../..' }).expect(400);
  });
});
