import { describe, expect, test } from '@jest/globals';
import { currencyExponent, currencySchema } from './currency.js';
import { amountMax, decimalAmount, moneySchema, parseAmount } from './money.js';

describe('currencyExponent', () => {
  test.each([
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['HUF', 2],
  ])('of %s is %i, as in ISO 4217', (currency, exponent) => {
    expect(currencyExponent(currency)).toBe(exponent);
  });

  test('throws for a code that is not in ISO 4217', () => {
    expect(() => currencyExponent('XYZ')).toThrow(RangeError);
    expect(currencySchema.safeParse('eur').success).toBe(false);
  });
});

describe('moneySchema', () => {
  test.each([
    ['a fraction', { amount: 1.5, currency: 'EUR' }],
    ['a negative amount', { amount: -1, currency: 'EUR' }],
    ['an amount above the largest', { amount: amountMax + 1, currency: 'EUR' }],
    ['not a number', { amount: Number.NaN, currency: 'EUR' }],
    ['a text', { amount: '100', currency: 'EUR' }],
    ['no currency', { amount: 100 }],
  ])('refuses %s', (_what, value) => {
    expect(moneySchema.safeParse(value).success).toBe(false);
  });
});

describe('parseAmount', () => {
  test.each([
    ['12', 'EUR', 1200],
    ['12.5', 'EUR', 1250],
    ['12,50', 'EUR', 1250],
    [' 0.07 ', 'EUR', 7],
    // 1.10 * 100 is 110.00000000000001 in floating point.
    ['1.10', 'EUR', 110],
    ['1200', 'JPY', 1200],
    ['1.234', 'KWD', 1234],
    ['1,234.56', 'EUR', 123_456],
    ['1.250,50', 'EUR', 125_050],
    ['1,234,567', 'EUR', 123_456_700],
    ['1.234.567,8', 'EUR', 123_456_780],
    ['1 000', 'EUR', 100_000],
    ['1\u202f000,5', 'EUR', 100_050],
    ["1'000.50", 'EUR', 100_050],
    ['1’000’000', 'JPY', 1_000_000],
    ['1,000', 'EUR', 100_000],
    ['EUR 5', 'EUR', 500],
    ['5 eur', 'EUR', 500],
  ])('reads %j %s as %i minor units', (typed, currency, expected) => {
    expect(parseAmount(typed, currency)).toBe(expected);
  });

  test.each([
    ['1.250', 'EUR', 125_000],
    ['1,5', 'EUR', 150],
    ['12.50', 'EUR', 1250],
    ['1.250', 'JPY', 1250],
    ['1,250', 'KWD', 1250],
    ['1.250', 'KWD', 1_250_000],
    ['0,125', 'KWD', 125],
    ['€5', 'EUR', 500],
    ['5 €', 'EUR', 500],
    ['€ 1.250,50', 'EUR', 125_050],
  ])('reads %j %s as %i minor units where a comma separates decimals', (typed, currency, expected) => {
    expect(parseAmount(typed, currency, { decimalSeparator: ',', signs: ['€'] })).toBe(expected);
  });

  test.each([
    ...['', 'NaN', 'Infinity', '-1', '+1', '1e3', '0x10', '1.', '.5', '1.2.3', '9'.repeat(16)],
    ...[
      '1,23,456',
      '12,34.5',
      '1.234,567,8',
      '1 234.567 8',
      '1,234.567.890',
      '1  000',
      '1. 000',
      ' ',
      '€',
      '$5',
    ],
    ...['EUR', 'EUR EUR 5', 'EUR 5 EUR', '5 USD', '1,000 000', '0,000.5', '1,234,567,890,123,456'],
  ])('refuses %j as not an amount', (typed) => {
    expect(parseAmount(typed, 'EUR')).toBe('not-an-amount');
  });

  test.each([
    ['1.005', 'EUR'],
    ['1.5', 'JPY'],
    ['1.2345', 'KWD'],
  ])('refuses %j as having too many decimals for %s', (typed, currency) => {
    expect(parseAmount(typed, currency)).toBe('too-many-decimals');
  });
});

test.each([
  [1250, 'EUR', '12.50'],
  [7, 'EUR', '0.07'],
  [0, 'EUR', '0.00'],
  [1250, 'JPY', '1250'],
  [5, 'KWD', '0.005'],
])(
  'decimalAmount writes %i minor units of %s as %s, which parseAmount reads back',
  (amount, currency, expected) => {
    expect(decimalAmount({ amount, currency })).toBe(expected);
    expect(parseAmount(expected, currency)).toBe(amount);
  },
);
