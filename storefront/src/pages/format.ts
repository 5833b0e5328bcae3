import { currencyExponent, decimalAmount, type Money } from '@unity-purchase/contracts';

const dateTimeFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** An amount as a page shows it: €12.50. From the decimal text, so that no amount passes through a float. */
export function formatMoney(money: Money): string {
  const exponent = currencyExponent(money.currency);
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  });
  return format.format(decimalAmount(money) as `${number}`);
}

/** A time as a page shows it, in UTC: the server does not know where the shopper is. */
export function formatDateTime(iso: string): string {
  return `${dateTimeFormat.format(new Date(iso))} UTC`;
}
