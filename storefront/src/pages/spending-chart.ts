import { currencyExponent, type Currency, type Spending, type Total } from '@unity-purchase/contracts';
import { scaleLinear } from 'd3-scale';
import type { PageLocale } from '../middleware/page-locale.js';

/** The bar chart of one currency. Heights are in percent of the chart, so that it fills its box at every width. */
export type SpendingChart = {
  currency: Currency;
  /** The highest bar in words. */
  note: string;
  /** From the top to the bottom, at equal distances. */
  ticks: { height: number; label: string }[];
  bars: SpendingBar[];
};

/** The bar of a month: its height, and what it says. */
type SpendingBar = {
  month: string;
  height: number;
  /** The short name of the month. */
  label: string;
  /** The month and the amount. */
  name: string;
  /** Whether its label is left out where there is room for only every second one. */
  isSecond: boolean;
  /** Whether anything was bought in this month, in any currency. */
  hasPurchases: boolean;
};

const tickCount = 4;

/** A bar that can be seen. */
const heightMin = 1;

/** The currencies in which something was spent in these months. */
export function currenciesIn({ months }: Spending): Currency[] {
  const spent = months.flatMap(({ totals }) =>
    Object.entries(totals.sums).flatMap(([currency, sum]) => (sum === 0 ? [] : [currency])),
  );
  return [...new Set(spent)].sort();
}

/** The spending by month in one of the currencies in which something was spent. */
export function chartSpending(
  { months }: Spending,
  currency: Currency,
  { texts, formats }: PageLocale,
): SpendingChart {
  const spent = months.map(({ month, totals }) => ({ month, totals, amount: totals.sums[currency] ?? 0 }));
  const most = spent.reduce((one, other) => (BigInt(other.amount) > BigInt(one.amount) ? other : one));
  const unit = 10 ** currencyExponent(currency);
  const height = scaleLinear([0, Number(most.amount) / unit], [0, 100]).nice(tickCount);
  const money = (amount: Total) => formats.money({ amount, currency });
  return {
    currency,
    note: texts.history.most(money(most.amount), formats.month(most.month)),
    ticks: height
      .ticks(tickCount)
      .reverse()
      .map((value) => ({ height: rounded(height(value)), label: formats.compactMoney(value, currency) })),
    bars: spent.map(({ month, totals, amount }, index) => ({
      month,
      height: amount === 0 ? 0 : Math.max(heightMin, rounded(height(Number(amount) / unit))),
      label: formats.month(month, 'short'),
      name: texts.history.bar(formats.month(month), money(amount)),
      isSecond: (months.length - 1 - index) % 2 === 1,
      hasPurchases: totals.count > 0,
    })),
  };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
