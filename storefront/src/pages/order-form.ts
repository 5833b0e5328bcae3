import { currencySchema, linesMax, quantityMax, type PurchaseLine } from '@unity-purchase/contracts';
import { z } from 'zod';
import type { ShownLine, SubmittedOrder } from '../checkout/submit-order.js';
import { readForm } from './read-form.js';

/** `sku*quantity*price`: the unit price, in minor units, that the page showed. Pages of version 0.1.0 have it only for any amount. */
const linePattern = /^([a-z0-9][a-z0-9-]{0,39})\*([1-9]\d{0,2})(?:\*(\d{1,15}))?$/;

const lineSchema = z
  .string()
  .regex(linePattern)
  .transform((text): ShownLine => {
    const [, sku = '', quantity, price] = linePattern.exec(text) ?? [];
    return { sku, quantity: Number(quantity), price: price === undefined ? undefined : Number(price) };
  })
  .refine(({ quantity }) => quantity <= quantityMax);

const formSchema = z.strictObject({
  purchaseId: z.string(),
  currency: currencySchema,
  line: z.preprocess(
    (sent) => (typeof sent === 'string' ? [sent] : sent),
    z.array(lineSchema).min(1).max(linesMax),
  ),
  /** Only in pages of version 0.1.0. The prices of the lines say more. */
  total: z.string().optional(),
});

/**
 * Reads the checkout form. The form itself contains the order, so a shopper buys what the page showed, even if another window
 * has changed the basket since.
 *
 * @throws AppError 400 for a form that no page of the shop could have sent
 */
export function readOrderForm(body: unknown): Omit<SubmittedOrder, 'person'> {
  const { purchaseId, currency, line: lines } = readForm(formSchema, body);
  return { purchaseId, currency, lines };
}

/** A line as the form contains it, with the price that the page shows. */
export function shownLineText({ sku, quantity, unitPrice }: PurchaseLine): string {
  return [sku, quantity, unitPrice].join('*');
}
