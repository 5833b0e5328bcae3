import type { Purchase } from '@unity-purchase/contracts';
import { isAnyAmount, type Catalogue } from '../catalogue/catalogue.js';
import { priceLine, type OrderLine } from '../purchases/price-lines.js';
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
  for (const { sku, quantity, unitPrice } of lines) {
    const item = catalogue.item(sku);
    const hasAnyAmount = item !== undefined && isAnyAmount(item);
    const line: OrderLine = hasAnyAmount ? { sku, quantity, amount: unitPrice } : { sku, quantity };
    const isSold =
      'line' in priceLine(catalogue, line, { currency: filled.currency, language: '' }) &&
      (!hasAnyAmount || total.currency === filled.currency);
    const next = isSold ? addLine(filled, line, newPurchaseId) : undefined;
    if (next === undefined || 'problem' in next) leftOut.push(sku);
    else filled = next;
  }
  return { basket: filled, leftOut };
}
