import { describe, expect, test } from '@jest/globals';
import { amountMax, sumOfLines } from '@unity-purchase/contracts';
import { v7 } from 'uuid';
import { createCatalogue } from '../catalogue/catalogue.js';
import { digestOfShownOrder } from '../purchases/order-digests.js';
import type { OrderOutcome, PricedOrder } from '../purchases/place-order.js';
import type { Placement } from '../purchases/place-purchase.js';
import { createSubmitOrder, type SubmittedOrder } from './submit-order.js';

const nowMs = Date.UTC(2026, 0, 2);
const newId = v7({ msecs: nowMs });
const ada = { id: 'ada', name: 'Ada' };

const product = (sku: string, price: number) => ({
  sku,
  title: { en: `The ${sku}`, de: `Das ${sku}` },
  description: 'Well made.',
  category: 'things',
  prices: { EUR: price },
});

const catalogue = createCatalogue({
  currencies: ['EUR', 'JPY'],
  categories: [{ id: 'things', title: 'Things' }],
  products: [product('mug', 1600), product('honey', 995), product('palace', amountMax)],
  anyAmount: {
    sku: 'any-amount',
    title: 'Any amount',
    description: 'You choose.',
    bounds: { EUR: { min: 1, max: 1000 }, CHF: { min: 1, max: 1000 } },
  },
});

/** The use case, with a broker that ends every placement the same way, and the orders that reached it. */
function checkout(outcome: Placement | 'id-used' = 'accepted') {
  const placed: PricedOrder[] = [];
  const submitOrder = createSubmitOrder({
    catalogue,
    placeOrder: (order): Promise<OrderOutcome> => {
      placed.push(order);
      const { purchaseId, shopper, lines, currency } = order;
      const total = { amount: sumOfLines(lines), currency };
      const placedAt = new Date(nowMs).toISOString();
      const purchase = { purchaseId, shopper, lines, total, placedAt };
      return Promise.resolve(
        outcome === 'id-used'
          ? { outcome, earlier: { ...purchase, digest: 'of another order' } }
          : { outcome, purchase },
      );
    },
    newPurchaseId: () => newId,
    now: () => new Date(nowMs),
  });
  return { placed, submitOrder };
}

const purchaseId = v7({ msecs: nowMs - 60_000 });

const twoMugs: SubmittedOrder = {
  purchaseId,
  currency: 'EUR',
  lines: [{ sku: 'mug', quantity: 2, price: 1600 }],
  person: 'ada',
};

const mugs = { sku: 'mug', quantity: 2 };
const basketOf = ({ currency }: SubmittedOrder) => ({ purchaseId, currency, lines: [mugs] });
const submitter = { shopper: ada, language: 'en' };

describe('submitting an order that is still what the page showed', () => {
  test('places it with the catalogue’s prices and titles, and empties the basket', async () => {
    const { placed, submitOrder } = checkout();
    const outcome = await submitOrder(twoMugs, basketOf(twoMugs), { shopper: ada, language: 'de' });
    const lines = [{ sku: 'mug', title: 'Das mug', quantity: 2, unitPrice: 1600 }];
    const digest = digestOfShownOrder('EUR', lines);
    expect(placed).toEqual([{ purchaseId, shopper: ada, lines, currency: 'EUR', digest }]);
    expect(outcome).toMatchObject({ kind: 'accepted', accepted: { purchaseId, shopper: ada, digest } });
    expect(outcome).toHaveProperty('basket', { currency: 'EUR', lines: [] });
  });

  test('keeps what another window added to the basket, under a new purchase id', async () => {
    const honey = { sku: 'honey', quantity: 1 };
    const basket = { ...basketOf(twoMugs), lines: [mugs, honey] };
    const outcome = await checkout().submitOrder(twoMugs, basket, submitter);
    expect(outcome).toHaveProperty('basket', { currency: 'EUR', lines: [honey], purchaseId: newId });
  });

  test('uses the canonical form of the purchase id', async () => {
    const { placed, submitOrder } = checkout();
    await submitOrder({ ...twoMugs, purchaseId: purchaseId.toUpperCase() }, basketOf(twoMugs), submitter);
    expect(placed).toMatchObject([{ purchaseId }]);
  });

  test.each(['not-accepted', 'not-confirmed'] as const)(
    'that the broker answers with %s keeps the basket and the purchase id for the next attempt',
    async (kind) => {
      const outcome = await checkout(kind).submitOrder(twoMugs, basketOf(twoMugs), submitter);
      expect(outcome).toMatchObject({ kind, order: basketOf(twoMugs), priced: { total: 3200 } });
      expect(outcome).not.toHaveProperty('basket');
    },
  );
});

test('submitting another order under a used purchase id gives order and basket a new one', async () => {
  const outcome = await checkout('id-used').submitOrder(twoMugs, basketOf(twoMugs), submitter);
  expect(outcome).toMatchObject({ kind: 'id-used', earlier: { purchaseId }, order: { purchaseId: newId } });
  expect(outcome).toHaveProperty('basket', { ...basketOf(twoMugs), purchaseId: newId });
});

describe('submitting an order places nothing', () => {
  test.each<[string, Partial<SubmittedOrder>, object]>([
    [
      'price changed',
      { lines: [{ ...mugs, price: 1500 }] },
      { kind: 'prices-changed', changes: [{ title: 'The mug', before: 1500, now: 1600 }] },
    ],
    [
      'prices changed but not its total',
      {
        lines: [
          { sku: 'mug', quantity: 1, price: 1605 },
          { sku: 'honey', quantity: 1, price: 990 },
        ],
      },
      { kind: 'prices-changed', changes: [{ before: 1605 }, { before: 990 }], priced: { total: 2595 } },
    ],
    ['page showed no prices', { lines: [{ ...mugs, price: undefined }] }, { kind: 'outdated-page' }],
    ['page named no person', { person: undefined }, { kind: 'outdated-page' }],
    [
      'items became unavailable',
      { lines: [...twoMugs.lines, { sku: 'abacus', quantity: 1, price: 1 }] },
      { kind: 'items-unavailable', priced: { total: 3200, unavailable: [{ title: 'abacus' }] } },
    ],
    [
      'items are all unavailable',
      { lines: [{ sku: 'abacus', quantity: 1, price: 1 }] },
      { kind: 'nothing-for-sale' },
    ],
    ['items have no price in the currency', { currency: 'JPY' }, { kind: 'nothing-for-sale' }],
    [
      'currency is not one of the shop’s',
      { currency: 'CHF', lines: [{ sku: 'any-amount', quantity: 1, price: 500 }] },
      { kind: 'nothing-for-sale' },
    ],
    [
      'total is more than one purchase may cost',
      { lines: [{ sku: 'palace', quantity: 2, price: amountMax }] },
      { kind: 'too-expensive' },
    ],
  ])('when its %s', async (_what, change, expected) => {
    const { placed, submitOrder } = checkout();
    const outcome = await submitOrder({ ...twoMugs, ...change }, basketOf(twoMugs), submitter);
    expect(outcome).toMatchObject(expected);
    expect(outcome).not.toHaveProperty('basket');
    expect(placed).toEqual([]);
  });

  test.each(['x', v7({ msecs: nowMs - 25 * 3_600_000 }), v7({ msecs: nowMs + 3_600_000 })])(
    'when its purchase id is %s, and gives order and basket a new one',
    async (badId) => {
      const { placed, submitOrder } = checkout();
      const outcome = await submitOrder({ ...twoMugs, purchaseId: badId }, basketOf(twoMugs), submitter);
      expect(outcome).toMatchObject({ kind: 'expired', order: { purchaseId: newId } });
      expect(outcome).toHaveProperty('basket', { ...basketOf(twoMugs), purchaseId: newId });
      expect(placed).toEqual([]);
    },
  );

  test('when the session has ended, and moves the order into an empty basket', async () => {
    const { placed, submitOrder } = checkout();
    const stranger = { shopper: undefined, language: 'en' };
    const empty = { currency: 'EUR', lines: [] };
    expect(await submitOrder(twoMugs, empty, stranger)).toEqual({
      kind: 'not-signed-in',
      kept: { owner: 'ada', basket: basketOf(twoMugs) },
    });
    const full = { ...empty, lines: [{ sku: 'honey', quantity: 1 }] };
    expect(await submitOrder(twoMugs, full, stranger)).toEqual({ kind: 'not-signed-in' });
    expect(placed).toEqual([]);
  });
});
