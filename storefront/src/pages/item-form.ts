import { currencyExponent, parseAmount, quantityMax, type Currency } from '@unity-purchase/contracts';
import { z } from 'zod';
import { isAnyAmount, type AnyAmount, type Product } from '../catalogue/catalogue.js';
import type { PageLocale } from '../middleware/page-locale.js';
import type { OrderLine } from '../purchases/price-lines.js';
import type { FieldError } from './read-form.js';
import { readForm } from './read-form.js';

/** The fields of the form as the shopper sent them. */
export type ItemFormValues = { sku: string; quantity: string; amount: string };

const formSchema = z.strictObject({
  sku: z.string(),
  quantity: z.string(),
  amount: z.string().default(''),
  returnTo: z.string().optional(),
});

/** Reads the form that adds an item, with the page to return to if the form names one. @throws AppError 400 for unknown, missing or repeated fields */
export function readItemForm(body: unknown): ItemFormValues & { returnTo?: string | undefined } {
  return readForm(formSchema, body);
}

/** The order line in a form, or all its errors in the order of the fields. */
export function orderLineOf(
  item: Product | AnyAmount,
  currency: Currency,
  { quantity, amount }: ItemFormValues,
  locale: PageLocale,
): { line: OrderLine } | { errors: FieldError[] } {
  const price = isAnyAmount(item) ? readAmount(item, currency, amount, locale) : undefined;
  const count = readQuantity(quantity);
  const errors: FieldError[] = [];
  if (typeof price === 'string') errors.push({ field: 'amount', message: price });
  if (count === undefined)
    errors.push({ field: 'quantity', message: locale.texts.problems.quantity(quantityMax) });
  if (count === undefined || typeof price === 'string') return { errors };
  const { sku } = item;
  return { line: price === undefined ? { sku, quantity: count } : { sku, quantity: count, amount: price } };
}

/** Reads a quantity as typed; undefined if it is not valid. */
export function readQuantity(typed: string): number | undefined {
  const count = /^\d{1,9}$/.test(typed.trim()) ? Number(typed) : Number.NaN;
  return count >= 1 && count <= quantityMax ? count : undefined;
}

/** Reads an amount as typed: in minor units, or an error message. */
function readAmount(
  item: AnyAmount,
  currency: Currency,
  typed: string,
  { texts: { problems }, formats }: PageLocale,
): number | string {
  const { notation, example } = formats.typedAmount(currency);
  const amount = parseAmount(typed, currency, notation);
  if (amount === 'not-an-amount') return problems.notAnAmount(example);
  if (amount === 'too-many-decimals') return problems.tooManyDecimals(currencyExponent(currency));
  const { min = 0, max = 0 } = item.bounds[currency] ?? {};
  if (amount >= min && amount <= max) return amount;
  return problems.outOfBounds(
    formats.money({ amount: min, currency }),
    formats.money({ amount: max, currency }),
  );
}
