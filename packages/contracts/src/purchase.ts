import { z } from 'zod';
import { amountSchema, moneySchema } from './money.js';
import { purchaseIdSchema } from './purchase-id.js';
import { shopperSchema } from './shopper.js';
import { text } from './text.js';

/** How many of one item a line may hold. */
export const quantityMax = 100;

/** How many lines a purchase may hold; with the limits on texts it keeps a purchase well below a log segment's size. */
export const linesMax = 20;

export const skuSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'must be a product code' });

export const purchaseLineSchema = z.object({
  sku: skuSchema,
  title: text(120),
  quantity: z.int().min(1).max(quantityMax),
  unitPrice: amountSchema,
});

export type PurchaseLine = z.infer<typeof purchaseLineSchema>;

/** What the lines cost together, in minor units. */
export function sumOfLines(lines: readonly Pick<PurchaseLine, 'quantity' | 'unitPrice'>[]): number {
  return lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
}

/** A purchase as the storefront accepted it. One whose total is not the sum of its lines does not parse. */
export const purchaseSchema = z
  .object({
    purchaseId: purchaseIdSchema,
    shopper: shopperSchema,
    lines: z.array(purchaseLineSchema).min(1).max(linesMax),
    total: moneySchema,
    placedAt: z.iso.datetime({ precision: 3 }),
  })
  .refine((purchase) => purchase.total.amount === sumOfLines(purchase.lines), {
    path: ['total', 'amount'],
    error: 'must be the sum of the lines',
  });

export type Purchase = z.infer<typeof purchaseSchema>;
