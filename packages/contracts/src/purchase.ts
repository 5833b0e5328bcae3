import { createHash } from 'node:crypto';
import { z } from 'zod';
import { amountSchema, moneySchema } from './money.js';
import { purchaseIdSchema } from './purchase-id.js';
import { shopperSchema } from './shopper.js';
import { text } from './text.js';

/** The largest quantity of a line. */
export const quantityMax = 100;

/** The largest number of lines. With the limits on texts it keeps a purchase well below the size of a log segment. */
export const linesMax = 20;

export const skuSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'must be a product code' });

export const purchaseLineSchema = z.object({
  sku: skuSchema,
  title: text(120),
  quantity: z.int().min(1).max(quantityMax),
  unitPrice: amountSchema,
});

export type PurchaseLine = z.infer<typeof purchaseLineSchema>;

/** The total of the lines, in minor units. */
export function sumOfLines(lines: readonly Pick<PurchaseLine, 'quantity' | 'unitPrice'>[]): number {
  return lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
}

/** A purchase as the storefront accepted it. Its total must be the sum of its lines. */
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

/**
 * A hash of what a purchase is about: who buys what at which price. Times, titles and the shopper's name are left out because
 * they can differ between retries. Two purchases with the same id and different fingerprints are in conflict.
 */
export function purchaseFingerprint({ shopper, lines, total }: Purchase): string {
  const content = [
    shopper.id,
    lines.map(({ sku, quantity, unitPrice }) => [sku, quantity, unitPrice]),
    total.amount,
    total.currency,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}
