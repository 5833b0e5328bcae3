import type { Purchase } from '@unity-purchase/contracts';
import type { Catalogue } from '../catalogue/catalogue.js';
import { orderLineOf, priceLine } from '../purchases/price-lines.js';
import { addLine, type Basket } from './basket.js';

/**
 * Adds the items of a purchase to a basket, at current prices. `leftOut` lists the SKUs that are no longer for sale in the
 * basket's currency or do not fit. An empty basket takes over the currency of the purchase.
 */
export function refillBasket(
  basket: Basket,
  { lines, total }: Purchase,
  catalogue: Catalogue,
  newPurchaseId: () => string,
): { basket: Basket; leftOut: string[] } {
  const canSwitchCurrency = basket.lines.length === 0 && catalogue.currencies.includes(total.currency);
  let filled: Basket = canSwitchCurrency ? { ...basket, currency: total.currency } : basket;
  const leftOut: string[] = [];
  for (const bought of lines) {
    const line = orderLineOf(catalogue, bought);
    const isSold =
      'line' in priceLine(catalogue, line, { currency: filled.currency, language: '' }) &&
      (line.amount === undefined || total.currency === filled.currency);
    const next = isSold ? addLine(filled, line, newPurchaseId) : undefined;
    if (next === undefined || 'problem' in next) leftOut.push(line.sku);
    else filled = next;
  }
  return { basket: filled, leftOut };
}
