import { currencyExponent, type Currency, type Spending, type Total } from '@unity-purchase/contracts';
import { scaleBand, scaleLinear } from 'd3-scale';
import type { PageLocale } from '../middleware/page-locale.js';

/** The bar chart of one currency, in the units of its view box. */
export type SpendingChart = {
  id: string;
  currency: Currency;
  width: number;
  height: number;
  left: number;
  /** The chart in words, for screen readers. */
  description: string;
  ticks: { y: number; label: string }[];
  bars: { x: number; y: number; width: number; height: number; label: string }[];
};

/** The spending by month as charts and as a table. */
export type SpendingView = {
  charts: SpendingChart[];
  rows: { month: string; count: number; spent: string[] }[];
};

const size = { width: 720, height: 240, left: 88, top: 16, bottom: 32 };
const tickCount = 4;

/** The spending by month, with a chart for each currency in which the shopper spent money. */
export function viewSpending({ months }: Spending, { texts, formats }: PageLocale): SpendingView {
  const highest = new Map<Currency, Total>();
  for (const { totals } of months)
    for (const [currency, sum] of Object.entries(totals.sums))
      if (BigInt(sum) > BigInt(highest.get(currency) ?? 0)) highest.set(currency, sum);
  const charts = [...highest].map(([currency, most]): SpendingChart => {
    const { width, height, left, top, bottom } = size;
    const base = height - bottom;
    const amounts = months.map(({ month, totals }) => ({ month, amount: totals.sums[currency] ?? 0 }));
    const x = scaleBand(
      months.map(({ month }) => month),
      [left, width],
    ).padding(0.3);
    const unit = 10 ** currencyExponent(currency);
    const y = scaleLinear([0, Number(most) / unit], [base, top]).nice(tickCount);
    const mostMonth = amounts.find(({ amount }) => amount === most)?.month ?? '';
    return {
      id: `spending-${currency}`,
      currency,
      width,
      height,
      left,
      description: texts.history.chartSays(
        currency,
        formats.money({ amount: most, currency }),
        formats.month(mostMonth),
      ),
      ticks: y.ticks(tickCount).map((value) => ({ y: rounded(y(value)), label: formats.number(value) })),
      bars: amounts.map(({ month, amount }) => ({
        x: rounded(x(month) ?? left),
        y: rounded(y(Number(amount) / unit)),
        width: rounded(x.bandwidth()),
        height: rounded(base - y(Number(amount) / unit)),
        label: formats.month(month, 'short'),
      })),
    };
  });
  const rows = months.map(({ month, totals }) => ({
    month,
    count: totals.count,
    spent: Object.entries(totals.sums)
      .filter(([, amount]) => amount !== 0)
      .map(([currency, amount]) => formats.money({ amount, currency })),
  }));
  return { charts, rows };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
