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

/** The content of the basket cookie. */
export const basketSchema = z.strictObject({
  currency: currencySchema,
  /** The id of the purchase that this basket becomes. It is created with the first line, so all windows buy it only once. */
  purchaseId: purchaseIdSchema.optional(),
  lines: z.array(lineSchema).max(linesMax),
});

/** The items that a shopper wants to buy, in one currency. Only the any-amount item has its price in here. */
export type Basket = z.infer<typeof basketSchema>;

/** Why a line cannot be added. */
export type BasketProblem = 'too-many-of-one' | 'too-many-lines';

/** Identifies a line within a basket: the any-amount item has one line for each amount. */
export function lineKey({ sku, amount }: Pick<OrderLine, 'sku' | 'amount'>): string {
  return amount === undefined ? sku : `${sku}*${amount}`;
}

/** The basket with a line added. A line with the same key is increased instead. */
export function addLine(
  basket: Basket,
  added: OrderLine,
  newPurchaseId: () => string,
): Basket | { problem: BasketProblem } {
  const present = basket.lines.find((line) => lineKey(line) === lineKey(added));
  const quantity = (present?.quantity ?? 0) + added.quantity;
  if (quantity > quantityMax) return { problem: 'too-many-of-one' };
  if (present === undefined && basket.lines.length === linesMax) return { problem: 'too-many-lines' };
  const lines =
    present === undefined
      ? [...basket.lines, added]
      : basket.lines.map((line) => (line === present ? { ...line, quantity } : line));
  return { ...basket, lines, purchaseId: basket.purchaseId ?? newPurchaseId() };
}

/** The basket with new quantities, by line key. Other lines keep theirs. */
export function changeQuantities(basket: Basket, quantities: ReadonlyMap<string, number>): Basket {
  const lines = basket.lines.map((line) => ({
    ...line,
    quantity: quantities.get(lineKey(line)) ?? line.quantity,
  }));
  return { ...basket, lines };
}

/** The basket without the lines with these keys. An empty basket has no purchase id: filling it again starts a new purchase. */
export function removeLines(basket: Basket, keys: readonly string[]): Basket {
  const lines = basket.lines.filter((line) => !keys.includes(lineKey(line)));
  return lines.length === 0 ? { currency: basket.currency, lines } : { ...basket, lines };
}

/**
 * The basket after an order was accepted, without the ordered lines. Lines that another window added or changed in the
 * meantime stay, under a new purchase id.
 */
export function basketAfterOrder(
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
