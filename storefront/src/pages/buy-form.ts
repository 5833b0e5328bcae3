import { parseAmount, quantityMax } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { AnyAmount, Catalogue } from '../catalogue/catalogue.js';
import type { OrderLine } from '../purchases/price-lines.js';
import { formatMoney } from './format.js';

/** What is wrong with a field, in words for the shopper; `field` is the id of the input it stands by. */
export type FieldError = { field: string; message: string };

/** The form as it was sent: texts, whatever they say. */
export type BuyFormValues = { purchaseId: string; sku: string; quantity: string; amount: string };

const sentSchema = z.strictObject({
  purchaseId: z.string(),
  sku: z.string(),
  quantity: z.string(),
  amount: z.string().default(''),
});

/** @throws AppError 400 for a form that is not ours: a field too many, too few, or twice */
export function readBuyForm(body: unknown): BuyFormValues {
  const sent = sentSchema.safeParse(body);
  if (!sent.success) throw new AppError('invalid-form', 400, 'This form is not one that the shop offered.');
  return sent.data;
}

/** The order line in a form, or everything that is wrong with what was typed, in the order of the fields. */
export function orderLineOf(
  catalogue: Catalogue,
  { sku, quantity, amount }: BuyFormValues,
): { line: OrderLine } | { errors: FieldError[] } {
  const price =
    sku === catalogue.anyAmount?.sku ? readAmount(catalogue, catalogue.anyAmount, amount) : undefined;
  const count = /^\d{1,9}$/.test(quantity.trim()) ? Number(quantity) : Number.NaN;
  const errors: FieldError[] = [];
  if (typeof price === 'string') errors.push({ field: 'amount', message: price });
  if (!(count >= 1 && count <= quantityMax))
    errors.push({ field: 'quantity', message: `Enter a whole number from 1 to ${quantityMax}` });
  if (errors.length > 0 || typeof price === 'string') return { errors };
  return { line: { sku, quantity: count, amount: price } };
}

/** A typed amount in minor units, or what is wrong with it. */
function readAmount({ currency }: Catalogue, { min, max }: AnyAmount, typed: string): number | string {
  const amount = parseAmount(typed, currency);
  if (amount === 'not-an-amount') return 'Enter an amount, such as 12.50';
  if (amount === 'too-many-decimals') return `Enter an amount that ${currency} has coins for`;
  if (amount >= min && amount <= max) return amount;
  return `Enter an amount from ${formatMoney({ amount: min, currency })} to ${formatMoney({ amount: max, currency })}`;
}
