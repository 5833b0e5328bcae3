import {
  currencySchema,
  linesMax,
  purchaseIdSchema,
  quantityMax,
  skuSchema,
} from '@unity-purchase/contracts';
import { z } from 'zod';
import type { OrderLine } from '../purchases/price-lines.js';

const lineSchema = z.strictObject({
  sku: skuSchema,
  quantity: z.int().min(1).max(quantityMax),
  amount: z.int().optional(),
});

/** What a basket's cookie holds. */
export const basketSchema = z.strictObject({
  currency: currencySchema,
  /**
   * The purchase that the basket will be: as old as its first line, so that two windows that show the basket can buy it
   * once.
   */
  purchaseId: purchaseIdSchema.optional(),
  lines: z.array(lineSchema).max(linesMax),
});

/** What somebody means to buy, in one currency. Prices are the catalogue's, but for the item of any amount. */
export type Basket = z.infer<typeof basketSchema>;

/** Why something does not fit in. */
export type BasketProblem = 'too-many-of-one' | 'too-many-lines';

/** Tells lines apart: two amounts of the item of any amount are two lines. */
export function lineKey({ sku, amount }: Pick<OrderLine, 'sku' | 'amount'>): string {
  return amount === undefined ? sku : `${sku}*${amount}`;
}

/** The basket with so many more of something. */
export function addLine(
  basket: Basket,
  added: OrderLine,
  newPurchaseId: () => string,
): Basket | { problem: BasketProblem } {
  const there = basket.lines.find((line) => lineKey(line) === lineKey(added));
  const quantity = (there?.quantity ?? 0) + added.quantity;
  if (quantity > quantityMax) return { problem: 'too-many-of-one' };
  if (there === undefined && basket.lines.length === linesMax) return { problem: 'too-many-lines' };
  const lines =
    there === undefined
      ? [...basket.lines, added]
      : basket.lines.map((line) => (line === there ? { ...line, quantity } : line));
  return { ...basket, lines, purchaseId: basket.purchaseId ?? newPurchaseId() };
}

/** The basket with other quantities, by the keys of its lines; what is not named stays as it is. */
export function changeQuantities(basket: Basket, quantities: ReadonlyMap<string, number>): Basket {
  const lines = basket.lines.map((line) => ({
    ...line,
    quantity: quantities.get(lineKey(line)) ?? line.quantity,
  }));
  return { ...basket, lines };
}

/** The basket without the lines that have these keys. One that becomes empty is another purchase when it is filled again. */
export function removeLines(basket: Basket, keys: readonly string[]): Basket {
  const lines = basket.lines.filter((line) => !keys.includes(lineKey(line)));
  return lines.length === 0 ? { currency: basket.currency, lines } : { ...basket, lines };
}

/**
 * The basket after an order was accepted: what was ordered is out, and what another window put in or changed meanwhile stays,
 * as another purchase.
 */
export function placed(
  basket: Basket,
  order: { currency: string; lines: readonly OrderLine[] },
  { isSold, newPurchaseId }: { isSold: (sku: string) => boolean; newPurchaseId: () => string },
): Basket {
  if (order.currency !== basket.currency) return basket;
  const ordered = new Map(order.lines.map((line) => [lineKey(line), line.quantity]));
  const lines = basket.lines.filter(
    (line) => ordered.get(lineKey(line)) !== line.quantity && isSold(line.sku),
  );
  const { currency } = basket;
  return lines.length === 0 ? { currency, lines } : { currency, lines, purchaseId: newPurchaseId() };
}
