import { currencySchema, linesMax, quantityMax } from '@unity-purchase/contracts';
import { z } from 'zod';
import type { SubmittedOrder } from '../checkout/submit-order.js';
import type { OrderLine } from '../purchases/price-lines.js';
import { readForm } from './read-form.js';

/** `sku*quantity`, and `*amount` for the any-amount item. */
const linePattern = /^([a-z0-9][a-z0-9-]{0,39})\*([1-9]\d{0,2})(?:\*(\d{1,15}))?$/;

const lineSchema = z
  .string()
  .regex(linePattern)
  .transform((text): OrderLine => {
    const [, sku = '', quantity, amount] = linePattern.exec(text) ?? [];
    return {
      sku,
      quantity: Number(quantity),
      ...(amount === undefined ? {} : { amount: Number(amount) }),
    };
  })
  .refine(({ quantity }) => quantity <= quantityMax);

const formSchema = z.strictObject({
  purchaseId: z.string(),
  currency: currencySchema,
  line: z.preprocess(
    (sent) => (typeof sent === 'string' ? [sent] : sent),
    z.array(lineSchema).min(1).max(linesMax),
  ),
  total: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
});

/**
 * Reads the checkout form. The form itself contains the order, so a shopper buys what the page showed, even if another window
 * has changed the basket since.
 *
 * @throws AppError 400 for a form that no page of the shop could have sent
 */
export function readOrderForm(body: unknown): SubmittedOrder {
  const { line: lines, ...rest } = readForm(formSchema, body);
  return { ...rest, lines };
}

/** An order line as the form contains it. */
export function orderLineText({ sku, quantity, amount }: OrderLine): string {
  return [sku, quantity, ...(amount === undefined ? [] : [amount])].join('*');
}
