import { describe, expect, test } from '@jest/globals';
import { purchasePlaced, purchasePlacedSchema } from './purchase-placed.js';
import { purchaseSchema, type Purchase } from './purchase.js';

const purchase: Purchase = {
  purchaseId: '01936d3f-7a00-7000-8000-000000000001',
  shopper: { id: 'ada', name: 'Ada' },
  lines: [
    { sku: 'tea', title: 'Tea', quantity: 2, unitPrice: 450 },
    { sku: 'cup', title: 'Cup', quantity: 1, unitPrice: 1200 },
  ],
  total: { amount: 2100, currency: 'EUR' },
  placedAt: '2024-11-27T10:00:00.000Z',
};

describe('purchaseSchema', () => {
  test('accepts a purchase whose total is the sum of its lines', () => {
    expect(purchaseSchema.parse(purchase)).toEqual(purchase);
  });

  test('refuses a total that is not the sum of the lines and names its path', () => {
    const result = purchaseSchema.safeParse({ ...purchase, total: { amount: 2101, currency: 'EUR' } });
    expect(result.error?.issues).toMatchObject([
      { path: ['total', 'amount'], message: 'must be the sum of the lines' },
    ]);
  });

  test.each([
    ['no lines', { lines: [], total: { amount: 0, currency: 'EUR' } }],
    ['a quantity of 0', { lines: [{ sku: 'tea', title: 'Tea', quantity: 0, unitPrice: 2100 }] }],
    ['a quantity of 1.5', { lines: [{ sku: 'tea', title: 'Tea', quantity: 1.5, unitPrice: 1400 }] }],
    ['a quantity of 1,000,000,000', { lines: [{ sku: 'tea', title: 'Tea', quantity: 1e9, unitPrice: 0 }] }],
    ['a negative price', { lines: [{ sku: 'tea', title: 'Tea', quantity: 1, unitPrice: -1 }] }],
    ['an id that is a UUID of a different version', { purchaseId: '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d' }],
    ['a shopper id with a control character', { shopper: { id: 'a\u0000b', name: 'Ada' } }],
    ['a shopper id of 10 kB', { shopper: { id: 'a'.repeat(10_000), name: 'Ada' } }],
    ['half of an emoji', { shopper: { id: 'ada', name: '\ud83d' } }],
    ['a local time', { placedAt: '2024-11-27T10:00:00' }],
  ])('refuses %s', (_what, change) => {
    expect(purchaseSchema.safeParse({ ...purchase, ...change }).success).toBe(false);
  });

  test.each(['..', 'a/b', 'a||b', '$where', 'a.b', '🙂', 'ü'])('accepts %j as a shopper id', (id) => {
    expect(purchaseSchema.parse({ ...purchase, shopper: { id, name: id } }).shopper.id).toBe(id);
  });
});

describe('purchasePlacedSchema', () => {
  test('accepts an event with the attributes that Dapr adds', () => {
    const delivered = {
      ...purchasePlaced(purchase),
      topic: 'purchase-events',
      pubsubname: 'pubsub',
      traceid: 'x',
    };
    expect(purchasePlacedSchema.parse(delivered).data).toEqual(purchase);
  });

  test('refuses an event whose subject is not the shopper of its purchase', () => {
    expect(purchasePlacedSchema.safeParse({ ...purchasePlaced(purchase), subject: 'eve' }).success).toBe(
      false,
    );
  });

  test('refuses an event of another type', () => {
    const later = { ...purchasePlaced(purchase), type: 'purchase.placed.v2' };
    expect(purchasePlacedSchema.safeParse(later).success).toBe(false);
  });
});

describe('purchasePlaced', () => {
  test('gives a retry at another time and with another name the same envelope id', () => {
    const retry = {
      ...purchase,
      shopper: { id: 'ada', name: 'Ada L.' },
      placedAt: '2024-11-27T10:00:05.000Z',
    };
    expect(purchasePlaced(retry).id).toBe(purchasePlaced(purchase).id);
  });

  test.each([
    ['another shopper', { shopper: { id: 'eve', name: 'Eve' } }],
    ['another order', { lines: purchase.lines.slice(0, 1), total: { amount: 900, currency: 'EUR' } }],
  ])('gives %s with the same purchase id a different envelope id', (_what, change) => {
    expect(purchasePlaced({ ...purchase, ...change }).id).not.toBe(purchasePlaced(purchase).id);
  });
});
