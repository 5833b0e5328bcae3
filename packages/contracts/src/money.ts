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

/** How people write amounts in a language: the separator of decimals, and the signs that may be before or after the number. */
export type AmountNotation = { decimalSeparator: '.' | ','; signs: readonly string[] };

const plainNotation: AmountNotation = { decimalSeparator: '.', signs: [] };

/**
 * Reads a typed amount into minor units, without floating-point arithmetic: "12", "12.5", "12,50", "1,234.56", "1.250,50", "1 000" or
 * "1'000". The code of the currency, or one of the signs, may be before or after it. Either separator can be that of the decimals. One
 * separator with three digits after it could mean both: then the notation decides. Other signs and exponents are refused.
 */
export function parseAmount(
  text: string,
  currency: Currency,
  { decimalSeparator, signs }: AmountNotation = plainNotation,
): number | AmountProblem {
  const number = withoutSign(text.trim(), [currency, ...signs]);
  const { whole, decimals } = partsOf(number, decimalSeparator) ?? {};
  if (whole === undefined || decimals === undefined) return 'not-an-amount';
  const exponent = currencyExponent(currency);
  if (decimals.length > exponent) return 'too-many-decimals';
  const minorUnits = Number(whole + decimals.padEnd(exponent, '0'));
  return Number.isSafeInteger(minorUnits) ? minorUnits : 'not-an-amount';
}

/** A number without the sign before it or after it, if it has one. */
function withoutSign(text: string, signs: readonly string[]): string {
  const upper = text.toUpperCase();
  for (const sign of signs
    .map((each) => each.toUpperCase())
    .sort((one, other) => other.length - one.length)) {
    if (upper.startsWith(sign)) return text.slice(sign.length).trim();
    if (upper.endsWith(sign)) return text.slice(0, -sign.length).trim();
  }
  return text;
}

/** A full stop, a comma, an apostrophe or a space: what groups of three digits are separated by. */
const groupSeparator = /[.,'\u2019\s]/;

/** The digits of a number, before and after the decimal separator. Undefined if it is not a number. */
function partsOf(
  number: string,
  decimalSeparator: '.' | ',',
): { whole: string; decimals: string } | undefined {
  const [, before = number, separator, after = ''] = /^(.*)([.,])(\d+)$/.exec(number) ?? [];
  const isOnlySeparator = !groupSeparator.test(before);
  const mayBeGroup = after.length === 3 && /^[1-9]\d{0,2}$/.test(before) && separator !== decimalSeparator;
  const isGroup = separator !== undefined && (isOnlySeparator ? mayBeGroup : before.includes(separator));
  const whole = isGroup ? number : before;
  const isWhole =
    /^\d{1,15}$/.test(whole) || /^[1-9]\d{0,2}([.,'\u2019\s])\d{3}(?:\1\d{3}){0,3}$/.test(whole);
  if (!isWhole) return undefined;
  return { whole: whole.replaceAll(/\D/g, ''), decimals: isGroup ? '' : after };
}

/** Writes an amount as a decimal in major units, as form fields show it: 1250 EUR is "12.50", 1250 JPY is "1250". */
export function decimalAmount({ amount, currency }: { amount: Total; currency: Currency }): string {
  const exponent = currencyExponent(currency);
  if (exponent === 0) return String(amount);
  const digits = String(amount).padStart(exponent + 1, '0');
  return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
