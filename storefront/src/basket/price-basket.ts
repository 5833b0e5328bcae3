import type { PurchaseLine } from '@unity-purchase/contracts';
import { titleOf, type Catalogue } from '../catalogue/catalogue.js';
import { priceLine, type OrderLine, type PricingTerms } from '../purchases/price-lines.js';
import { lineKey, type Basket } from './basket.js';

/** A basket line as pages show it. Forms refer to it by its key; `sum` is the price of the line in minor units. */
export type BasketRow = PurchaseLine & { key: string; picture: string | undefined; sum: number };

/** Lines at the catalogue's current prices, the items that are no longer sold, and the total in minor units. */
export type PricedBasket = {
  rows: BasketRow[];
  unavailable: { key: string; title: string }[];
  total: number;
};

/** Looks up the current price of each line. Lines without a price on these terms are unavailable. */
export function priceBasket(
  catalogue: Catalogue,
  lines: readonly OrderLine[],
  terms: PricingTerms,
): PricedBasket {
  const rows: BasketRow[] = [];
  const unavailable: PricedBasket['unavailable'] = [];
  for (const line of lines) {
    const priced = priceLine(catalogue, line, terms);
    const key = lineKey(line);
    if ('problem' in priced) unavailable.push({ key, title: titleOf(catalogue, line.sku, terms.language) });
    else {
      const { unitPrice, quantity } = priced.line;
      rows.push({
        key,
        picture: catalogue.item(line.sku)?.picture,
        sum: unitPrice * quantity,
        ...priced.line,
      });
    }
  }
  return { rows, unavailable, total: rows.reduce((total, { sum }) => total + sum, 0) };
}

/** The rows as a purchase records them, without what only pages need. */
export function purchaseLinesOf({ rows }: PricedBasket): PurchaseLine[] {
  return rows.map(({ sku, title, quantity, unitPrice }) => ({ sku, title, quantity, unitPrice }));
}

/**
 * The titles of the items that prevent paying for a basket on other terms. These are items without a price in that currency, and
 * items whose amount the shopper chose, because that amount is in the basket's currency.
 */
export function notPayableIn(
  catalogue: Catalogue,
  { lines, currency }: Basket,
  terms: PricingTerms,
): string[] {
  if (terms.currency === currency) return [];
  const withChosenAmount = lines.filter(({ amount }) => amount !== undefined);
  const others = lines.filter(({ amount }) => amount === undefined);
  return [
    ...priceBasket(catalogue, withChosenAmount, { ...terms, currency }).rows,
    ...priceBasket(catalogue, others, terms).unavailable,
  ].map(({ title }) => title);
}
