import { textIn, type Catalogue } from '../catalogue/catalogue.js';
import { priceLine, type OrderLine, type PricingTerms } from '../purchases/price-lines.js';
import { lineKey, type Basket } from './basket.js';

/** A line as pages show it: with its price, its picture, and the key that forms call it by. */
export type BasketRow = {
  key: string;
  sku: string;
  title: string;
  picture: string | undefined;
  quantity: number;
  unitPrice: number;
  sum: number;
};

/** What lines cost by the catalogue of now, and what of them it does not sell any more. */
export type PricedBasket = { rows: BasketRow[]; gone: { key: string; title: string }[]; total: number };

export function priceBasket(
  catalogue: Catalogue,
  lines: readonly OrderLine[],
  terms: PricingTerms,
): PricedBasket {
  const rows: BasketRow[] = [];
  const gone: PricedBasket['gone'] = [];
  for (const line of lines) {
    const item = catalogue.item(line.sku);
    const priced = priceLine(catalogue, line, terms);
    const key = lineKey(line);
    if ('problem' in priced)
      gone.push({ key, title: item === undefined ? line.sku : textIn(item.title, terms.language) });
    else {
      const { unitPrice, quantity } = priced.line;
      rows.push({ key, picture: item?.picture, sum: unitPrice * quantity, ...priced.line });
    }
  }
  return { rows, gone, total: rows.reduce((total, { sum }) => total + sum, 0) };
}

/** The titles of what of a basket cannot be paid on other terms: it has no price there, or somebody named its amount. */
export function notPayableIn(
  catalogue: Catalogue,
  { lines, currency }: Basket,
  terms: PricingTerms,
): string[] {
  if (terms.currency === currency) return [];
  // An amount that somebody named is an amount of one currency.
  const named = lines.filter(({ amount }) => amount !== undefined);
  const rest = lines.filter(({ amount }) => amount === undefined);
  return [
    ...priceBasket(catalogue, named, { ...terms, currency }).rows,
    ...priceBasket(catalogue, rest, terms).gone,
  ].map(({ title }) => title);
}
