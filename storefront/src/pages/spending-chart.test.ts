import { describe, expect, test } from '@jest/globals';
import type { Spending, Total } from '@unity-purchase/contracts';
import { formatsOf } from '../texts/formats.js';
import { languages } from '../texts/languages.js';
import { viewSpending } from './spending-chart.js';

const locale = { language: 'en', texts: languages.en.texts, formats: formatsOf('en') } as const;

const spending = (...sums: Record<string, Total>[]): Spending => ({
  months: sums.map((each, index) => ({
    month: `2026-0${index + 1}`,
    totals: { count: Object.keys(each).length, sums: each },
  })),
});

describe('the chart of spending by month', () => {
  test('has bars proportional to the spending and describes the highest one', () => {
    const { charts } = viewSpending(spending({ EUR: 5_000 }, {}, { EUR: 10_000 }), locale);
    const [chart] = charts;
    const [half, none, most] = chart?.bars ?? [];
    const base = (chart?.ticks[0]?.y ?? 0) * 1;
    for (const bar of [half, none, most]) expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeCloseTo(base);
    expect(none?.height).toBe(0);
    expect((half?.height ?? 0) * 2).toBeCloseTo(most?.height ?? 0);
    expect(chart?.description).toContain('The highest was €100.00 in March 2026');
    expect(chart?.bars.map(({ label }) => label)).toEqual(['Jan', 'Feb', 'Mar']);
  });

  test('exists once for each currency, in whole units, with one table for all', () => {
    const { charts, rows } = viewSpending(spending({ EUR: 5_000, JPY: 300 }, { JPY: 900 }), locale);
    expect(charts.map(({ currency }) => currency)).toEqual(['EUR', 'JPY']);
    expect(charts[1]?.ticks.at(-1)?.label).toBe('1,000');
    expect(rows).toEqual([
      { month: '2026-01', count: 2, spent: ['€50.00', '¥300'] },
      { month: '2026-02', count: 1, spent: ['¥900'] },
    ]);
  });

  test('shows sums beyond 2^53 exactly', () => {
    const { charts, rows } = viewSpending(
      spending({ EUR: 9_007_199_254_740_991 }, { EUR: '9007199254740993' }),
      locale,
    );
    expect(charts[0]?.description).toContain('The highest was €90,071,992,547,409.93 in February 2026');
    expect(rows.map(({ spent }) => spent)).toEqual([['€90,071,992,547,409.91'], ['€90,071,992,547,409.93']]);
  });

  test('does not exist when nothing was spent', () => {
    expect(viewSpending(spending({}, {}), locale).charts).toEqual([]);
  });
});
