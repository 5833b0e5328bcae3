import { z } from 'zod';
import { currencyExponent, currencySchema, type Currency } from './currency.js';

/** The largest amount of one purchase, in minor units. Totals have no limit: see `totalSchema`. */
export const amountMax = 10_000_000_000;

/** An amount in minor units: cents, not euros. */
export const amountSchema = z.int().min(0).max(amountMax);

/** An amount of money: an integer number of the currency's minor unit, together with the currency. */
export const moneySchema = z.object({ amount: amountSchema, currency: currencySchema });

export type Money = z.infer<typeof moneySchema>;

/**
 * A sum of amounts, in minor units: a number up to 2^53 - 1, which every JSON parser reads exactly, and decimal digits as a
 * string beyond that. It has no limit.
 */
export const totalSchema = z.union([z.int().min(0), z.string().regex(/^[1-9]\d{15,}$/)]);

export type Total = z.infer<typeof totalSchema>;

/** Why a typed amount is refused: it is not a number, or it has more decimals than the currency. */
export type AmountProblem = 'not-an-amount' | 'too-many-decimals';

/**
 * Reads a typed amount ("12", "12.5", "12,50") into minor units, without floating-point arithmetic. Signs, exponents and
 * group separators are refused.
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

/** Writes an amount as a decimal in major units, as form fields show it: 1250 EUR is "12.50", 1250 JPY is "1250". */
export function decimalAmount({ amount, currency }: { amount: Total; currency: Currency }): string {
  const exponent = currencyExponent(currency);
  if (exponent === 0) return String(amount);
  const digits = String(amount).padStart(exponent + 1, '0');
  return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
