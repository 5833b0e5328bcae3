import type { Currency, HistoryPage, PurchaseLine, Spending, Totals } from '@unity-purchase/contracts';
import type { PageLocale } from '../middleware/page-locale.js';
import type { HistoryPeriod } from '../paths.js';
import { chartSpending, currenciesIn, type SpendingChart } from './spending-chart.js';
import { sumTotals } from './sum-totals.js';

/** How many items of a purchase the list shows. With one more it shows only the first, and how many others there are. */
const itemsShown = 2;

/** The longest title in the list, in characters. */
const titleMax = 48;

/** The items of a purchase as the list shows them, as text, and all of them as text. `isShort` says that these are not the same. */
export type ShownItems = {
  lines: PurchaseLine[];
  /** How many others there are, if any. */
  more: string | undefined;
  short: string;
  all: string;
  isShort: boolean;
};

/** What was spent in a month or a year, for a table. */
type SpentRow = { period: string; name: string; count: string; hasPurchases: boolean; spent: string[] };

/** The spending of a shopper as the history shows it. */
export type SpendingView = {
  chart: SpendingChart | undefined;
  currencies: Currency[];
  months: SpentRow[];
  years: SpentRow[];
};

/** The months that a page shows: those up to December of another year, or undefined for the last twelve. */
export function lastMonthShown(
  { month, year = month?.slice(0, 4) }: HistoryPeriod,
  now: Date,
): string | undefined {
  if (year === undefined || year >= now.toISOString().slice(0, 4)) return undefined;
  const yearAgo = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 11)).toISOString().slice(0, 7);
  return month !== undefined && month >= yearAgo ? undefined : `${year}-12`;
}

/** The name of a period within a sentence, such as "in November 2026". Undefined for the whole history. */
export function nameOfPeriod(
  { month, year }: HistoryPeriod,
  { texts, formats }: PageLocale,
): string | undefined {
  if (month !== undefined) return texts.history.inMonth(formats.month(month));
  return year === undefined ? undefined : texts.history.inYear(year);
}

/** The totals of a page's period: of the whole history, or undefined if those of its months are not known. */
export function totalsOfPeriod(
  { month, year }: HistoryPeriod,
  page: HistoryPage,
  spending: Spending | undefined,
): Totals | undefined {
  const period = month ?? year;
  if (period === undefined) return page.totals;
  return (
    spending &&
    sumTotals(spending.months.flatMap((each) => (each.month.startsWith(period) ? [each.totals] : [])))
  );
}

/** The spending by month and by year. The chart is in the chosen currency, or in the preferred one. */
export function viewSpending(
  spending: Spending,
  { chosen, preferred }: { chosen: Currency | undefined; preferred: Currency },
  locale: PageLocale,
): SpendingView {
  const { formats } = locale;
  const currencies = currenciesIn(spending);
  const currency = [chosen, preferred].find((each) => each !== undefined && currencies.includes(each));
  const shown = currency ?? currencies[0];
  const rowOf = (period: string, name: string, { count, sums }: Totals): SpentRow => ({
    period,
    name,
    count: formats.number(count),
    hasPurchases: count > 0,
    spent: Object.entries(sums)
      .filter(([, amount]) => amount !== 0)
      .map(([code, amount]) => formats.money({ amount, currency: code })),
  });
  return {
    chart: shown === undefined ? undefined : chartSpending(spending, shown, locale),
    currencies,
    months: spending.months.map(({ month, totals }) => rowOf(month, formats.month(month), totals)),
    years: (spending.years ?? []).map(({ year, totals }) => rowOf(year, year, totals)).reverse(),
  };
}

/** The items of a purchase in a list of purchases: short, so that its row stays low, and in full. */
export function viewItems(lines: readonly PurchaseLine[], { texts, formats }: PageLocale): ShownItems {
  const nameOf = ({ quantity, title }: PurchaseLine) => (quantity > 1 ? `${quantity} × ` : '') + title;
  const shown = lines
    .slice(0, lines.length > itemsShown ? 1 : itemsShown)
    .map((line) => ({ ...line, title: shortened(line.title) }));
  const left = lines.length - shown.length;
  const more = left === 0 ? undefined : texts.history.more(formats.number(left));
  const names = formats.list(shown.map(nameOf));
  const short = more === undefined ? names : `${names} ${more}`;
  const all = formats.list(lines.map(nameOf));
  return { lines: shown, more, short, all, isShort: short !== all };
}

/** A title without the words that are too many for a list. */
function shortened(title: string): string {
  const characters = Array.from(title);
  if (characters.length <= titleMax) return title;
  const start = characters.slice(0, titleMax).join('');
  return `${/^.{20,}(?=\s)/u.exec(start)?.[0].trimEnd() ?? start}…`;
}
