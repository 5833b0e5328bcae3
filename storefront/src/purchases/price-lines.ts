import { amountMax, sumOfLines, type Currency, type PurchaseLine } from '@unity-purchase/contracts';
import type { InputProblem } from '@unity-purchase/service-kit';
import { isAnyAmount, textIn, type Catalogue } from '../catalogue/catalogue.js';

/** An item and its quantity. Only the any-amount item has an `amount`, in minor units. */
export type OrderLine = { sku: string; quantity: number; amount?: number | undefined };

/** A priced line as the client ordered it: only the any-amount item has an amount. The inverse of `priceLine`. */
export function orderLineOf(
  catalogue: Pick<Catalogue, 'item'>,
  { sku, quantity, unitPrice }: { sku: string; quantity: number; unitPrice: number | undefined },
): OrderLine {
  const item = catalogue.item(sku);
  return item !== undefined && isAnyAmount(item) ? { sku, quantity, amount: unitPrice } : { sku, quantity };
}

/** The currency of prices and the language of titles. */
export type PricingTerms = { currency: Currency; language: string };

/** A line with its price, or the problem that prevents selling it. */
export type Priced = { line: PurchaseLine } | { problem: InputProblem };

/**
 * Prices an order with the catalogue. Clients never set prices, except the amount of the any-amount item. Returns the lines, or
 * all problems of the order.
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
    return { problems: [{ path: 'lines', message: 'must not cost more than one purchase may' }] };
  return { lines };
}

/** Prices one line. `path` is its place in the request, for problems. */
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
  if (amount !== undefined)
    return { problem: { path: `${path}.amount`, message: 'is only allowed for the any-amount item' } };
  const unitPrice = item.prices[currency];
  if (unitPrice === undefined) return notInCurrency;
  return { line: { sku, title, quantity, unitPrice } };
}
