import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { purchaseIdSchema, purchaseIdTimeMs, readNewPurchaseId } from './purchase-id.js';
import { purchaseIdOfKey } from './purchase-id-of-key.js';

const nowMs = Date.UTC(2026, 10, 28);

/** The id of a key that is not refused. */
function idOf(key: string, shopperId = 'ada', atMs = nowMs): string {
  const read = purchaseIdOfKey(key, shopperId, atMs);
  if ('problem' in read) throw new Error(`${key} is refused: ${read.problem}`);
  return read.id;
}

/** A UUIDv7 of a time. */
function idAt(ms: number): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7abc-8def-0123456789ab`;
}

const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 });
const shoppers = fc.string({ minLength: 1, maxLength: 128 });

describe('a key that is a UUIDv7', () => {
  test('is its own id, in lower case', () => {
    expect(idOf(idAt(nowMs).toUpperCase())).toBe(idAt(nowMs));
  });

  test.each([
    [nowMs - 25 * 60 * 60_000, 'purchase-id-expired'],
    [nowMs + 6 * 60_000, 'purchase-id-in-the-future'],
  ])('of the time %d is refused', (ms, problem) => {
    expect(purchaseIdOfKey(idAt(ms), 'ada', nowMs)).toEqual({ problem });
  });
});

describe('any other key', () => {
  // These ids are stored. If they change, an order that is sent again after an update is bought twice.
  test.each([
    ['order-17', 'ada', '000cbddf-6bf3-7da2-b6eb-386fbd709c16'],
    ['2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d', 'ada', '0063484c-71b0-70bc-9234-7c9be40d6893'],
    ['2C5EA4C0-4067-41E9-8B6D-9B1DEB4D3B7D', 'ada', '00d1e401-8cfe-7e32-bec6-ea7ee238cfb3'],
    ['order-17', 'Zoë 🙂', '0005681c-79b2-7820-9bc4-8ff426de495c'],
  ])('such as %s of %s has an id that never changes', (key, shopperId, id) => {
    expect(idOf(key, shopperId)).toBe(id);
  });

  test('has an id that every version reads, and that has no time', () => {
    const schemas = JSON.parse(
      readFileSync(new URL('../releases/0.1.0/schemas.json', import.meta.url), 'utf8'),
    ) as {
      'journal-page': {
        properties: { purchases: { items: { properties: { purchaseId: { pattern: string } } } } };
      };
    };
    const { pattern } = schemas['journal-page'].properties.purchases.items.properties.purchaseId;
    fc.assert(
      fc.property(printable, shoppers, (key, shopperId) => {
        const id = idOf(key, shopperId);
        expect(id).toMatch(new RegExp(pattern));
        expect(purchaseIdSchema.parse(id)).toBe(id);
        expect(purchaseIdTimeMs(id)).toBeUndefined();
        // Version 0.1.0 reads the time as one before its histories, and so finds what it recorded under the id.
        expect(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBeLessThan(2 ** 40);
      }),
    );
  });

  test('has the same id at any time, and another one for another key or another shopper', () => {
    fc.assert(
      fc.property(printable, printable, shoppers, shoppers, (key, otherKey, shopperId, otherShopper) => {
        expect(idOf(key, shopperId, 0)).toBe(idOf(key, shopperId, nowMs));
        expect(idOf(key, shopperId) === idOf(otherKey, shopperId)).toBe(key === otherKey);
        expect(idOf(key, shopperId) === idOf(key, otherShopper)).toBe(shopperId === otherShopper);
      }),
    );
  });

  test('differs from the same key in another case', () => {
    expect(idOf('Order-17')).not.toBe(idOf('order-17'));
  });

  test('tells apart shoppers and keys whose texts are the same one after the other', () => {
    expect(idOf('b', 'aa')).not.toBe(idOf('ab', 'a'));
    expect(idOf('","b', 'a')).not.toBe(idOf('b', 'a","'));
  });
});

describe('the id of a key', () => {
  test('is its own id if its shopper sends it as a key, as the answers advise', () => {
    fc.assert(
      fc.property(printable, shoppers, (key, shopperId) => {
        const id = idOf(key, shopperId);
        expect(idOf(id, shopperId)).toBe(id);
        expect(idOf(id.toUpperCase(), shopperId)).toBe(id);
      }),
    );
  });

  test('is a key like any other for another shopper, as is any id without a time that the shop did not derive', () => {
    const id = idOf('order-17', 'ada');
    const changed = id.slice(0, -1) + (id.endsWith('0') ? '1' : '0');
    const invented = [idAt(0), idAt(2 ** 40 - 1), '00000000-0000-7000-8000-000000000000', changed];
    expect(idOf(id, 'eve')).not.toBe(id);
    for (const key of invented) {
      expect(idOf(key)).not.toBe(key);
      expect(purchaseIdTimeMs(idOf(key))).toBeUndefined();
    }
  });

  test('is not the id of a form: the basket has an id of its own', () => {
    expect(readNewPurchaseId(idOf('order-17'), nowMs)).toEqual({ problem: 'purchase-id-expired' });
  });
});
