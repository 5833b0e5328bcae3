import { amountMax, sumOfLines, type Currency, type PurchaseLine } from '@unity-purchase/contracts';
import type { InputProblem } from '@unity-purchase/service-kit';
import { isAnyAmount, textIn, type Catalogue } from '../catalogue/catalogue.js';

/** What somebody wants to buy. An `amount`, in minor units, is for the item of any amount only. */
export type OrderLine = { sku: string; quantity: number; amount?: number | undefined };

/** Prices are in one currency, titles in the language that the shopper reads. */
export type PricingTerms = { currency: Currency; language: string };

/** A line with its price, or what is wrong with it. */
export type Priced = { line: PurchaseLine } | { problem: InputProblem };

/**
 * Puts the catalogue's prices to what is ordered: a client never names a price, but for the item of any amount.
 * Gives the lines, or everything that is wrong with the order.
 */
export function priceLines(
  catalogue: Catalogue,
  order: readonly OrderLine[],
  terms: PricingTerms,
): { lines: PurchaseLine[] } | { problems: InputProblem[] } {
  if (!catalogue.currencies.includes(terms.currency))
    return { problems: [{ path: 'currency', message: `must be one of ${catalogue.currencies.join(', ')}` }] };
  const priced = order.map((line, index) => priceLine(catalogue, line, terms, `lines.${index}`));
  const problems = priced.flatMap((result) => ('problem' in result ? [result.problem] : []));
  if (problems.length > 0) return { problems };
  const lines = priced.flatMap((result) => ('line' in result ? [result.line] : []));
  if (sumOfLines(lines) > amountMax)
    return { problems: [{ path: 'lines', message: 'cost too much together' }] };
  return { lines };
}

/** Puts the catalogue's price to one line, which stands at `path` in what was sent. */
export function priceLine(
  catalogue: Catalogue,
  { sku, quantity, amount }: OrderLine,
  { currency, language }: PricingTerms,
  path = '',
): Priced {
  const item = catalogue.item(sku);
  if (item === undefined) return { problem: { path: `${path}.sku`, message: 'is not for sale' } };
  const title = textIn(item.title, language);
  const notInCurrency = { problem: { path: `${path}.sku`, message: `is not for sale in ${currency}` } };
  if (isAnyAmount(item)) {
    const bounds = item.bounds[currency];
    if (bounds === undefined) return notInCurrency;
    if (amount === undefined) return { problem: { path: `${path}.amount`, message: 'is missing' } };
    if (!Number.isSafeInteger(amount) || amount < bounds.min || amount > bounds.max)
      return {
        problem: {
          path: `${path}.amount`,
          message: `must be from ${bounds.min} to ${bounds.max} minor units`,
        },
      };
    return { line: { sku, title, quantity, unitPrice: amount } };
  }
  if (amount !== undefined) return { problem: { path: `${path}.amount`, message: 'this item has a price' } };
  const unitPrice = item.prices[currency];
  if (unitPrice === undefined) return notInCurrency;
  return { line: { sku, title, quantity, unitPrice } };
}
