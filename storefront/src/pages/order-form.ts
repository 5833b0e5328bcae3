import { currencySchema, linesMax, quantityMax, type Currency } from '@unity-purchase/contracts';
import { z } from 'zod';
import type { OrderLine } from '../purchases/price-lines.js';
import { readForm } from './read-form.js';

/**
 * The form that buys says itself what it buys, as the page showed it: what somebody saw is what they buy, whatever another
 * window did to the basket meanwhile.
 */
export type OrderForm = {
  purchaseId: string;
  currency: Currency;
  lines: OrderLine[];
  /** What the page said that it costs, in minor units. */
  total: number;
};

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

const sentSchema = z.strictObject({
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

/** @throws AppError 400 for a form that is not ours: a field too many, too few, or with what no page put there */
export function readOrderForm(body: unknown): OrderForm {
  const { line: lines, ...rest } = readForm(sentSchema, body);
  return { ...rest, lines };
}

/** A line as the form holds it. */
export function orderLineText({ sku, quantity, amount }: OrderLine): string {
  return [sku, quantity, ...(amount === undefined ? [] : [amount])].join('*');
}
