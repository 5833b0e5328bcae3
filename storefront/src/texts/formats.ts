import {
  currencyExponent,
  decimalAmount,
  type AmountNotation,
  type Currency,
  type Total,
} from '@unity-purchase/contracts';
import { RecentMap } from '@unity-purchase/service-kit';

/** Formats values for pages in one locale. */
export type Formats = {
  /** `€12.50`. It formats the decimal text, so no amount is converted to a floating-point number. */
  money: (money: { amount: Total; currency: Currency }) => string;
  /** A rough amount in major units, for the axis of a chart: `¥2.5M`. */
  compactMoney: (value: number, currency: Currency) => string;
  /** Of numbers in this locale. */
  decimalSeparator: AmountNotation['decimalSeparator'];
  /** How amounts in a currency are typed: the notation, and an example such as `12.50`. */
  typedAmount: (currency: Currency) => { notation: AmountNotation; example: string };
  /** In UTC, because the server does not know the shopper's time zone. */
  dateTime: (iso: string) => string;
  /** The date alone, also in UTC. */
  date: (iso: string) => string;
  /** Like `dateTime`, to the second. */
  timeToTheSecond: (iso: string) => string;
  /** The month `2026-11` as `November 2026`, or in short as `Nov`. */
  month: (month: string, style?: 'long' | 'short') => string;
  number: (value: number) => string;
  /** A duration in milliseconds: `0.42 s`. */
  seconds: (milliseconds: number) => string;
  /** The time of a day in UTC, with seconds: `14:02:33 UTC`. */
  clockTime: (iso: string) => string;
  /** How long ago something was, in milliseconds: `10 minutes ago`. */
  ago: (milliseconds: number) => string;
  list: (items: readonly string[]) => string;
  /** The items of a list, with the words and commas between them. */
  listParts: <Item>(items: readonly Item[]) => (Item | string)[];
};

/** More than shoppers use at one time. The formats of one locale take about 100 kB. */
const localesMax = 32;

/** More than a shop has at one time. */
const currenciesMax = 16;

/** More than browsers send at one time. */
const tagsMax = 64;

const byLocale = new RecentMap<string, Formats>(localesMax);
const byTag = new RecentMap<string, Formats>(tagsMax);

/**
 * The formats of a locale. They are cached, because creating them costs more than using them, and so does finding the locale of a
 * tag. A tag that the runtime does not know has the formats of its language: browsers can send any number of tags.
 */
export function formatsOf(tag: string): Formats {
  return byTag.getOrCreate(tag, () => {
    const { locale } = new Intl.NumberFormat(tag).resolvedOptions();
    return byLocale.getOrCreate(locale, createFormats);
  });
}

function createFormats(tag: string): Formats {
  // English without a country uses the most common order: the day first.
  const dateTag = tag === 'en' ? 'en-GB' : tag;
  const dateTime = new Intl.DateTimeFormat(dateTag, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  const date = new Intl.DateTimeFormat(dateTag, { dateStyle: 'medium', timeZone: 'UTC' });
  const clockTime = new Intl.DateTimeFormat(dateTag, { timeStyle: 'medium', timeZone: 'UTC' });
  const seconds = new Intl.DateTimeFormat(dateTag, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: 'UTC',
  });
  const months = {
    long: new Intl.DateTimeFormat(dateTag, { month: 'long', year: 'numeric', timeZone: 'UTC' }),
    short: new Intl.DateTimeFormat(dateTag, { month: 'short', timeZone: 'UTC' }),
  };
  const number = new Intl.NumberFormat(tag);
  const threeDigits = new Intl.NumberFormat(tag, { maximumSignificantDigits: 3 });
  const ago = new Intl.RelativeTimeFormat(tag);
  const list = new Intl.ListFormat(tag);
  const currencies = new RecentMap<Currency, Intl.NumberFormat>(currenciesMax);
  const currencyFormat = (currency: Currency) =>
    currencies.getOrCreate(currency, () => {
      const exponent = currencyExponent(currency);
      return new Intl.NumberFormat(tag, {
        style: 'currency',
        currency,
        minimumFractionDigits: exponent,
        maximumFractionDigits: exponent,
      });
    });
  const compactFormats = new RecentMap<Currency, Intl.NumberFormat>(currenciesMax);
  const compactFormat = (currency: Currency) =>
    compactFormats.getOrCreate(currency, () => {
      const style = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const;
      return new Intl.NumberFormat(tag, { ...style, notation: 'compact', maximumSignificantDigits: 2 });
    });
  const typedAmounts = new RecentMap<Currency, ReturnType<Formats['typedAmount']>>(currenciesMax);
  const decimalSeparator = separatorIn(number);
  return {
    decimalSeparator,
    typedAmount: (currency) =>
      typedAmounts.getOrCreate(currency, () => typedAmountIn(tag, currency, decimalSeparator)),
    money: (money) => currencyFormat(money.currency).format(decimalAmount(money) as `${number}`),
    compactMoney: (value, currency) => compactFormat(currency).format(value),
    dateTime: (iso) => `${dateTime.format(new Date(iso))} UTC`,
    date: (iso) => date.format(new Date(iso)),
    timeToTheSecond: (iso) => `${seconds.format(new Date(iso))} UTC`,
    month: (month, style = 'long') => months[style].format(new Date(`${month}-01T00:00:00Z`)),
    number: (value) => number.format(value),
    seconds: (milliseconds) => `${threeDigits.format(milliseconds / 1_000)}\u00a0s`,
    clockTime: (iso) => `${clockTime.format(new Date(iso))} UTC`,
    ago: (milliseconds) => {
      const { unit, ms } = agoUnits.find(({ belowMs }) => milliseconds < belowMs) ?? dayUnit;
      return ago.format(-Math.round(milliseconds / ms), unit);
    },
    list: (items) => list.format(items),
    listParts: <Item>(items: readonly Item[]) => {
      const left = [...items];
      const parts = list.formatToParts(items.map(() => 'x'));
      return parts.flatMap(({ type, value }): (Item | string)[] =>
        type === 'element' ? left.splice(0, 1) : [value],
      );
    },
  };
}

const dayUnit = { unit: 'day', ms: 86_400_000, belowMs: Infinity } as const;

/** The unit in which a person would say how long ago something was. */
const agoUnits = [
  { unit: 'second', ms: 1_000, belowMs: 59_500 },
  { unit: 'minute', ms: 60_000, belowMs: 59.5 * 60_000 },
  { unit: 'hour', ms: 3_600_000, belowMs: 47.5 * 3_600_000 },
  dayUnit,
] as const;

/** In every currency: what has no minor unit costs more of them. */
const exampleOf = (exponent: number): number => (exponent === 0 ? 1250 : 12.5);

function separatorIn(format: Intl.NumberFormat): AmountNotation['decimalSeparator'] {
  const separator = format.formatToParts(1.5).find(({ type }) => type === 'decimal')?.value;
  return separator === ',' ? ',' : '.';
}

function typedAmountIn(
  tag: string,
  currency: Currency,
  decimalSeparator: AmountNotation['decimalSeparator'],
): ReturnType<Formats['typedAmount']> {
  const exponent = currencyExponent(currency);
  const digits = { minimumFractionDigits: exponent, maximumFractionDigits: exponent };
  const signIn = (language: string, currencyDisplay: 'symbol' | 'narrowSymbol') =>
    new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay })
      .formatToParts(1)
      .flatMap(({ type, value }) => (type === 'currency' ? [value] : []));
  // Some regions write the code where others write a sign.
  const signs = [...signIn(tag, 'symbol'), ...signIn(tag, 'narrowSymbol'), ...signIn('en', 'narrowSymbol')];
  return {
    notation: { decimalSeparator, signs: [...new Set(signs)] },
    example: new Intl.NumberFormat(tag, digits).format(exampleOf(exponent)),
  };
}
