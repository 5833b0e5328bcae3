import { parseAmount, quantityMax } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { Catalogue } from '../catalogue/catalogue.js';
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

/** The order line in a form, or everything that is wrong with what was typed. */
export function orderLineOf(
  catalogue: Catalogue,
  { sku, quantity, amount }: BuyFormValues,
): { line: OrderLine } | { errors: FieldError[] } {
  const count = /^\d{1,9}$/.test(quantity.trim()) ? Number(quantity) : Number.NaN;
  const errors: FieldError[] =
    count >= 1 && count <= quantityMax
      ? []
      : [{ field: 'quantity', message: `Enter a whole number from 1 to ${quantityMax}` }];
  if (sku !== catalogue.anyAmount?.sku)
    return errors.length > 0 ? { errors } : { line: { sku, quantity: count } };

  const { min, max } = catalogue.anyAmount;
  const { currency } = catalogue;
  const minorUnits = parseAmount(amount, currency);
  if (minorUnits === 'not-an-amount') {
    errors.push({ field: 'amount', message: 'Enter an amount, such as 12.50' });
  } else if (minorUnits === 'too-many-decimals') {
    errors.push({ field: 'amount', message: `Enter an amount that ${currency} has coins for` });
  } else if (minorUnits < min || minorUnits > max) {
    const [least, most] = [min, max].map((bound) => formatMoney({ amount: bound, currency }));
    errors.push({ field: 'amount', message: `Enter an amount from ${String(least)} to ${String(most)}` });
  } else if (errors.length === 0) {
    return { line: { sku, quantity: count, amount: minorUnits } };
  }
  return { errors };
}
