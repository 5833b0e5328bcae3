import { describe, expect, test } from '@jest/globals';
import { formatsOf } from './formats.js';
import { chooseLocale, languages } from './languages.js';

describe('chooseLocale', () => {
  test.each([
    [['de-AT', 'en'], undefined, { language: 'de', tag: 'de-AT' }],
    [['fr-FR', 'de', 'en'], undefined, { language: 'de', tag: 'de' }],
    [['fr', 'ja'], undefined, { language: 'en', tag: 'en' }],
    [[], undefined, { language: 'en', tag: 'en' }],
    [['*'], undefined, { language: 'en', tag: 'en' }],
    [['en-US', 'de-CH'], 'de', { language: 'de', tag: 'de-CH' }],
    [['en-US'], 'de', { language: 'de', tag: 'de' }],
    [['de-u-ca-buddhist', 'de-DE-1996', 'xx'.repeat(500)], undefined, { language: 'en', tag: 'en' }],
  ] as const)('for %j with the choice %j returns %j', (accepted, chosen, locale) => {
    expect(chooseLocale(accepted, chosen)).toEqual(locale);
  });
});

/** Locales use different kinds of spaces, which change between versions of the locale data. */
const spaced = (text: string) => text.replaceAll(/\s/g, ' ');

describe('formatsOf', () => {
  test.each([
    ['en', '€1,234.50', '25 Nov 2026, 10:00 UTC', 'November 2026', '0.42 s'],
    ['en-US', '€1,234.50', 'Nov 25, 2026, 10:00 AM UTC', 'November 2026', '0.42 s'],
    ['de', '1.234,50 €', '25.11.2026, 10:00 UTC', 'November 2026', '0,42 s'],
  ])('of %s formats money as %s and times as %s', (tag, money, dateTime, month, duration) => {
    const formats = formatsOf(tag);
    expect(spaced(formats.money({ amount: 123_450, currency: 'EUR' }))).toBe(money);
    expect(spaced(formats.dateTime('2026-11-25T10:00:00.000Z'))).toBe(dateTime);
    expect(formats.month('2026-11')).toBe(month);
    expect(spaced(formats.seconds(420))).toBe(duration);
  });

  test.each([
    ['en', 'EUR', { notation: { decimalSeparator: '.', signs: ['€'] }, example: '12.50' }],
    ['en-GB', 'USD', { notation: { decimalSeparator: '.', signs: ['US$', '$'] }, example: '12.50' }],
    ['de', 'JPY', { notation: { decimalSeparator: ',', signs: ['¥'] }, example: '1.250' }],
    ['de-CH', 'EUR', { notation: { decimalSeparator: '.', signs: ['EUR', '€'] }, example: '12.50' }],
    ['de', 'KWD', { notation: { decimalSeparator: ',', signs: ['KWD'] }, example: '12,500' }],
  ])('of %s say how amounts in %s are typed', (tag, currency, expected) => {
    expect(formatsOf(tag).typedAmount(currency)).toEqual(expected);
  });

  test('of regions that do not exist are those of the language', () => {
    expect(formatsOf('de-XX')).toBe(formatsOf('de'));
    expect(formatsOf('en-QQ')).toBe(formatsOf('en'));
    expect(formatsOf('de-AT')).not.toBe(formatsOf('de'));
  });

  test('are kept for a limited number of locales', () => {
    const first = formatsOf('en-AU');
    expect(formatsOf('en-AU')).toBe(first);
    const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const regions = letters.flatMap((one) => letters.map((other) => one + other));
    const all = new Set(
      regions.filter((region) => region !== 'AU').map((region) => formatsOf(`en-${region}`)),
    );
    expect(all.size).toBeGreaterThan(32);
    expect(all.size).toBeLessThan(200);
    expect(formatsOf('en-AU')).not.toBe(first);
  });

  test('formats how long ago something was', () => {
    expect(formatsOf('en').ago(20_000)).toBe('20 seconds ago');
    expect(formatsOf('de').ago(600_000)).toBe('vor 10 Minuten');
  });

  test('formats amounts of any size and currency exactly', () => {
    expect(formatsOf('en').money({ amount: 9_007_199_254_740_991, currency: 'EUR' })).toBe(
      '€90,071,992,547,409.91',
    );
    expect(formatsOf('en').money({ amount: 500, currency: 'JPY' })).toBe('¥500');
  });
});

/** The path and type of each text. */
function shapeOf(texts: object, path = ''): string[] {
  return Object.entries(texts).flatMap(([name, text]: [string, unknown]) =>
    typeof text === 'object' && text !== null
      ? shapeOf(text, `${path}${name}.`)
      : [`${path}${name}: ${typeof text}`],
  );
}

test('every language has the same texts', () => {
  const [first, ...others] = Object.values(languages).map(({ texts }) => shapeOf(texts));
  for (const other of others) expect(other).toEqual(first);
});
