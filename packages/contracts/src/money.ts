import { z } from 'zod';
import { currencyExponent, currencySchema, type Currency } from './currency.js';

/**
 * The largest amount of one purchase, in minor units. Totals are sums of such amounts and stay exact integers (below
 * 2^53) for nine hundred thousand purchases of this size in one log.
 */
export const amountMax = 10_000_000_000;

/** An amount in minor units: cents, not euros. */
export const amountSchema = z.int().min(0).max(amountMax);

/** An amount of money: an integer of the currency's minor unit. Never a fraction, never without its currency. */
export const moneySchema = z.object({ amount: amountSchema, currency: currencySchema });

export type Money = z.infer<typeof moneySchema>;

/** Why a typed amount is not one: it is not a number, or has more decimals than the currency. */
export type AmountProblem = 'not-an-amount' | 'too-many-decimals';

/**
 * Reads an amount as a person types it ("12", "12.5", "12,50") into minor units, without ever making a float of it.
 * A sign, an exponent, a group separator and anything else is not an amount.
 */
export function parseAmount(text: string, currency: Currency): number | AmountProblem {
  const match = /^(\d{1,15})(?:[.,](\d+))?$/.exec(text.trim());
  if (match === null) return 'not-an-amount';
  const [, whole = '', decimals = ''] = match;
  const exponent = currencyExponent(currency);
  if (decimals.length > exponent) return 'too-many-decimals';
  const minorUnits = Number(whole + decimals.padEnd(exponent, '0'));
  return Number.isSafeInteger(minorUnits) ? minorUnits : 'not-an-amount';
}

/** The amount as a decimal in major units, as a form field shows it: 1250 EUR is "12.50", 1250 JPY is "1250". */
export function decimalAmount({ amount, currency }: { amount: number; currency: Currency }): string {
  const exponent = currencyExponent(currency);
  if (exponent === 0) return String(amount);
  const digits = String(amount).padStart(exponent + 1, '0');
  return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
