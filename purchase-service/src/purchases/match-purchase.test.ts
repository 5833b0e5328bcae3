import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aPurchase } from '../../test/fakes/purchases.js';
import { purchaseMatcher, timesOfNumber } from './match-purchase.js';

const withTitles = (...titles: string[]) => ({
  ...aPurchase(),
  lines: titles.map((title) => ({ sku: 'mug', title, quantity: 1, unitPrice: 100 })),
});

const matches = (text: string, ...titles: string[]) => purchaseMatcher(text)(withTitles(...titles));

describe('a purchase matches a text', () => {
  test.each([
    ['mug', 'Stoneware mug'],
    ['MUG', 'Stoneware mug'],
    ['mug stoneware', 'Stoneware mug'],
    ['kuche', 'Küchenwaage'],
    ['kueche', 'Küchenwaage'],
    ['KÜCHE', 'Kuchenform'],
    ['küche', 'Kuechenwaage'],
    ['grosse', 'Große Schüssel'],
    ['große', 'GROSSE Schüssel'],
    ['cafe', 'Café crème'],
    ['café', 'Cafe creme'],
    ['smorrebrod', 'Smørrebrød'],
    ['cafe\u0301', 'Café'],
    ['Ｍug', 'Mug'],
  ])('whose words occur in a title: %j in %j', (text, title) => {
    expect(matches(text, title)).toBe(true);
  });

  test('whose words occur in the titles of several items', () => {
    expect(matches('mug teapot', 'Mug', 'Teapot')).toBe(true);
    expect(matches('mug lamp', 'Mug', 'Teapot')).toBe(false);
    expect(matches('mugteapot', 'Mug', 'Teapot')).toBe(false);
  });

  test('that is its number, in any case, or the first part of it', () => {
    const purchase = { ...withTitles('Mug'), purchaseId: '019ad3c2-4f31-7000-8000-00000000abcd' };
    for (const text of [
      '019ad3c2',
      '#019AD3C2',
      ' 019ad3c2 ',
      '019ad3c2-4f',
      '019ad3c2-4f31-7000-8000-00000000abcd',
    ])
      expect([text, purchaseMatcher(text)(purchase)]).toEqual([text, true]);
    for (const text of ['019ad3c', '4f31-7000', '019ad3c3', '019ad3c2-5'])
      expect([text, purchaseMatcher(text)(purchase)]).toEqual([text, false]);
  });

  const word = (unit: 'grapheme' | fc.Arbitrary<string>) => fc.string({ unit, minLength: 1, maxLength: 40 });

  test('that is one of its titles, whatever it contains, also in decomposed letters', () => {
    fc.assert(
      fc.property(fc.array(word('grapheme'), { minLength: 1 }), fc.nat(), (titles, index) => {
        const title = titles[index % titles.length] ?? '';
        for (const text of [title, title.normalize('NFD')]) expect(matches(text, ...titles)).toBe(true);
      }),
    );
  });

  test('that is one of its titles in capitals, or with umlauts and accents written in another way', () => {
    const latin = fc.constantFrom(...Array.from('abcdexyzäöüßéèñøåæ -0123456789'));
    fc.assert(
      fc.property(word(latin), (title) => {
        for (const text of [
          title.toUpperCase(),
          title
            .replaceAll('ä', 'ae')
            .replaceAll('ö', 'oe')
            .replaceAll('ü', 'ue')
            .replaceAll('å', 'aa')
            .replaceAll('ø', 'oe'),
          title.normalize('NFD').replace(/\p{M}/gu, ''),
        ])
          expect(matches(text, title)).toBe(true);
      }),
    );
  });
});

describe('the times of a number', () => {
  const nowMs = Date.UTC(2026, 10, 29);

  test('include the creation of every id that begins with it', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2020, 0), max: nowMs }), (createdMs) => {
        const number = createdMs.toString(16).padStart(12, '0').slice(0, 8);
        const { fromMs = NaN, toMs = NaN } = timesOfNumber(number, nowMs) ?? {};
        expect(createdMs).toBeGreaterThanOrEqual(fromMs);
        expect(createdMs).toBeLessThan(toMs);
        expect(toMs - fromMs).toBeLessThan(60 * 60_000);
      }),
    );
  });

  test.each(['mug', '019ad3c', '00d3c24f', 'ffffffff', ''])('do not exist for %j', (text) => {
    expect(timesOfNumber(text, nowMs)).toBeUndefined();
  });
});
