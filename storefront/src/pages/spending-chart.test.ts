import { describe, expect, test } from '@jest/globals';
import type { Spending, Total } from '@unity-purchase/contracts';
import fc from 'fast-check';
import { formatsOf } from '../texts/formats.js';
import { languages, type LanguageCode } from '../texts/languages.js';
import { chartSpending, currenciesIn } from './spending-chart.js';

const localeOf = (language: LanguageCode) => ({
  language,
  texts: languages[language].texts,
  formats: formatsOf(language),
});
const locale = localeOf('en');

const spending = (...sums: Record<string, Total>[]): Spending => ({
  months: sums.map((each, index) => ({
    month: `2026-${String(index + 1).padStart(2, '0')}`,
    totals: { count: Object.keys(each).length, sums: each },
  })),
});

describe('the chart of spending by month', () => {
  test('has bars proportional to the spending, and says which one is the highest', () => {
    const chart = chartSpending(spending({ EUR: 5_000 }, {}, { EUR: 10_000 }), 'EUR', locale);
    expect(chart.bars.map(({ height }) => height)).toEqual([50, 0, 100]);
    expect(chart.bars.map(({ label }) => label)).toEqual(['Jan', 'Feb', 'Mar']);
    expect(chart.bars.map(({ name }) => name)).toEqual([
      'January 2026: €50.00',
      'February 2026: €0.00',
      'March 2026: €100.00',
    ]);
    expect(chart.note).toBe('The most was €100.00 in March 2026.');
  });

  test('shows only its own currency, but marks every month with a purchase', () => {
    const chart = chartSpending(spending({ JPY: 300 }, { EUR: 100 }, {}), 'JPY', locale);
    expect(chart.bars.map(({ height }) => height)).toEqual([100, 0, 0]);
    expect(chart.bars.map(({ hasPurchases }) => hasPurchases)).toEqual([true, true, false]);
  });

  test('leaves out every second label from the last one on, where there is little room', () => {
    const chart = chartSpending(spending({ EUR: 1 }, {}, {}, {}), 'EUR', locale);
    expect(chart.bars.map(({ isSecond }) => isSecond)).toEqual([true, false, true, false]);
  });

  test.each([
    ['en', 'EUR', 1_234_500, '€15K'],
    ['en', 'JPY', 2_400_000, '¥2.5M'],
    ['en', 'KWD', 90, 'KWD 0.1'],
    ['en', 'EUR', 5, '€0.05'],
    ['de', 'EUR', 1_234_500, '15.000 €'],
    ['de', 'JPY', 2_400_000, '2,5 Mio. ¥'],
  ] as const)('has short labels with the currency on its axis: %s, %s', (language, currency, sum, top) => {
    const { ticks } = chartSpending(spending({ [currency]: sum }), currency, localeOf(language));
    expect(ticks[0]?.label.replaceAll('\u00a0', ' ')).toBe(top);
    expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
  });

  test('fits its box, with its lines at equal distances from the bottom to the top, for any sums', () => {
    const sums = fc.array(fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 10n ** 22n }).map(String)), {
      minLength: 1,
      maxLength: 36,
    });
    fc.assert(
      fc.property(sums, (each) => {
        const all = spending(...each.map((EUR) => ({ EUR })));
        if (currenciesIn(all).length === 0) return;
        const { bars, ticks } = chartSpending(all, 'EUR', locale);
        expect([ticks[0]?.height, ticks.at(-1)?.height]).toEqual([100, 0]);
        const distance = 100 / (ticks.length - 1);
        for (const [index, { height }] of ticks.entries())
          expect(height).toBeCloseTo(100 - index * distance, 0);
        const highest = Math.max(...bars.map(({ height }) => height));
        expect(highest).toBeGreaterThan(50);
        expect(highest).toBeLessThanOrEqual(100);
        for (const [index, { height }] of bars.entries()) expect(height > 0).toBe(each[index] !== 0);
      }),
    );
  });

  test('shows sums beyond 2^53 exactly', () => {
    const all = spending({ EUR: 9_007_199_254_740_991 }, { EUR: '9007199254740993' });
    expect(chartSpending(all, 'EUR', locale).note).toBe(
      'The most was €90,071,992,547,409.93 in February 2026.',
    );
  });
});

test('a chart can be shown in each currency in which something was spent', () => {
  expect(currenciesIn(spending({ JPY: 1 }, { EUR: 5, USD: 0 }))).toEqual(['EUR', 'JPY']);
  expect(currenciesIn(spending({}, {}))).toEqual([]);
});
