import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { currencySchema } from './currency.js';
import { amountMax, decimalAmount, parseAmount } from './money.js';
import { purchaseIdSchema, purchaseIdTimeMs, readNewPurchaseId } from './purchase-id.js';
import { purchasePlaced, purchasePlacedSchema } from './purchase-placed.js';
import { purchaseFingerprint, purchaseSchema, sumOfLines, type Purchase } from './purchase.js';
import { shopperIdSchema, shopperKey, shopperKeyPattern } from './shopper.js';

const currencies = fc.constantFrom('EUR', 'USD', 'JPY', 'KWD', 'CLF');
const amounts = fc.integer({ min: 0, max: amountMax });
/** Any text, including halves of surrogate pairs. */
const texts = fc.string({ unit: 'binary', maxLength: 200 });
const purchaseIds = fc.uuid({ version: 7 });

const lines = fc.array(
  fc.record({
    sku: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/),
    title: texts,
    quantity: fc.integer({ min: 1, max: 100 }),
    unitPrice: fc.integer({ min: 0, max: 1_000_000 }),
  }),
  { minLength: 1, maxLength: 20 },
);

/** Purchases that the schema accepts. */
const purchases: fc.Arbitrary<Purchase> = fc
  .record({
    purchaseId: purchaseIds,
    id: texts,
    name: texts,
    lines,
    currency: currencies,
    placedMs: fc.nat(),
  })
  .map(({ purchaseId, id, name, lines: bought, currency, placedMs }) => ({
    purchaseId,
    shopper: { id, name },
    lines: bought,
    total: { amount: sumOfLines(bought), currency },
    placedAt: new Date(placedMs).toISOString(),
  }))
  .filter((purchase) => purchaseSchema.safeParse(purchase).success);

describe('an amount', () => {
  test('that decimalAmount writes is read back by parseAmount unchanged', () => {
    fc.assert(
      fc.property(amounts, currencies, (amount, currency) => {
        expect(parseAmount(decimalAmount({ amount, currency }), currency)).toBe(amount);
      }),
    );
  });

  test('is read as a whole number of minor units or refused, for any text', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.double().map(String)), currencies, (typed, currency) => {
        const read = parseAmount(typed, currency);
        expect(typeof read === 'string' || (Number.isSafeInteger(read) && read >= 0)).toBe(true);
      }),
    );
  });

  test('accepts only currency codes of three capital letters', () => {
    fc.assert(
      fc.property(texts, (code) => {
        expect(!currencySchema.safeParse(code).success || /^[A-Z]{3}$/.test(code)).toBe(true);
      }),
    );
  });
});

describe('a purchase id', () => {
  test('is the same id in any case and contains the time of its creation, unless that is before 2004', () => {
    fc.assert(
      fc.property(purchaseIds, (id) => {
        expect(purchaseIdSchema.parse(id.toUpperCase())).toBe(id);
        const timeMs = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
        expect(purchaseIdTimeMs(id)).toBe(timeMs < 2 ** 40 ? undefined : timeMs);
      }),
    );
  });

  test('is refused if it is any other text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(readNewPurchaseId(text, Date.now())).toEqual({ problem: 'purchase-id-malformed' });
      }),
    );
  });
});

test('a shopper key has the same format for any id, and differs for different ids', () => {
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      expect(shopperKey(one)).toMatch(shopperKeyPattern);
      const areShoppers = [one, other].every((id) => shopperIdSchema.safeParse(id).success);
      if (areShoppers) expect(shopperKey(one) === shopperKey(other)).toBe(one === other);
    }),
  );
});

describe('an event', () => {
  test('of any purchase is read back with the same purchase', () => {
    fc.assert(
      fc.property(purchases, (purchase) => {
        const travelled: unknown = JSON.parse(JSON.stringify(purchasePlaced(purchase)));
        expect(purchasePlacedSchema.parse(travelled).data).toEqual(purchase);
      }),
    );
  });

  test('is refused if it is any other JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(purchasePlacedSchema.safeParse(value).success).toBe(false);
      }),
    );
  });

  test('has another fingerprint if any part that matters is changed', () => {
    fc.assert(
      fc.property(purchases, fc.jsonValue(), fc.nat(), (purchase, value, place) => {
        const keys = Object.keys(purchase) as (keyof Purchase)[];
        const key = keys[place % keys.length] ?? 'total';
        const changed = purchaseSchema.safeParse({ ...purchase, [key]: value });
        if (!changed.success || key === 'purchaseId' || key === 'placedAt') return;
        const isSame = purchaseFingerprint(changed.data) === purchaseFingerprint(purchase);
        expect(isSame).toBe(JSON.stringify(changed.data) === JSON.stringify(purchase));
      }),
    );
  });
});
