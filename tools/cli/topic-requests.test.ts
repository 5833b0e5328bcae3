import { expect, test } from '@jest/globals';
import {
  rebuildEventsBytesMax,
  rebuildEventsMax,
  rebuildEventsSchema,
  shopperKey,
} from '@unity-purchase/contracts';
import { eventBatches, newShoppers, shopperBatches } from './topic-requests.js';

test('events are divided by number and by size, and all that fit are sent in their order', () => {
  const small = Array.from({ length: rebuildEventsMax + 1 }, (_, index) => `event ${index}`);
  const large = Array.from({ length: 3 }, () => '"'.repeat(rebuildEventsBytesMax / 5));
  const tooLarge = 'x'.repeat(rebuildEventsBytesMax);
  const batches = [...eventBatches([...small, tooLarge, ...large])];
  expect(batches.flat()).toEqual([...small, ...large]);
  expect(batches.length).toBeGreaterThan(2);
  for (const events of batches) {
    expect(rebuildEventsSchema.safeParse({ events }).success).toBe(true);
    expect(JSON.stringify(events).length).toBeLessThanOrEqual(rebuildEventsBytesMax + rebuildEventsMax + 2);
  }
});

test('shoppers are sent once, by their keys, and messages without a shopper are left out', () => {
  const isNew = newShoppers();
  const of = (subject: unknown) => JSON.stringify({ subject });
  expect(isNew([of('ada'), of('bob'), of('ada'), of(1), of(''), 'text', 'null'])).toEqual([
    shopperKey('ada'),
    shopperKey('bob'),
  ]);
  expect(isNew([of('bob'), of('carol')])).toEqual([shopperKey('carol')]);
});

test('no request has more shoppers than the service takes', () => {
  expect([...shopperBatches(Array.from({ length: 250 }, String))].map(({ length }) => length)).toEqual([
    100, 100, 50,
  ]);
});
