import type { Purchase } from '@unity-purchase/contracts';
import { isAnyAmount, type Catalogue } from '../catalogue/catalogue.js';
import { priceLine, type OrderLine } from '../purchases/price-lines.js';
import { addLine, type Basket } from './basket.js';

/**
 * Puts what was bought into a basket again, at the prices of today, and tells what is not for sale any more, or does not fit
 * in. An empty basket takes on the currency of the purchase.
 */
export function fillAgain(
  basket: Basket,
  { lines, total }: Purchase,
  catalogue: Catalogue,
  newPurchaseId: () => string,
): { basket: Basket; leftOut: string[] } {
  const isFree = basket.lines.length === 0 && catalogue.currencies.includes(total.currency);
  let filled: Basket = isFree ? { ...basket, currency: total.currency } : basket;
  const leftOut: string[] = [];
  for (const { sku, quantity, unitPrice } of lines) {
    const item = catalogue.item(sku);
    const isAmount = item !== undefined && isAnyAmount(item);
    const line: OrderLine = isAmount ? { sku, quantity, amount: unitPrice } : { sku, quantity };
    const isSold =
      'line' in priceLine(catalogue, line, { currency: filled.currency, language: '' }) &&
      (!isAmount || total.currency === filled.currency);
    const next = isSold ? addLine(filled, line, newPurchaseId) : undefined;
    if (next === undefined || 'problem' in next) leftOut.push(sku);
    else filled = next;
  }
  return { basket: filled, leftOut };
}
