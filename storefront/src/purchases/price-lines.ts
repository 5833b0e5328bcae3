import { amountMax, sumOfLines, type PurchaseLine } from '@unity-purchase/contracts';
import type { InputProblem } from '@unity-purchase/service-kit';
import type { Catalogue } from '../catalogue/catalogue.js';

/** What somebody wants to buy. An `amount`, in minor units, is for the item of any amount only. */
export type OrderLine = { sku: string; quantity: number; amount?: number | undefined };

type Priced = { line: PurchaseLine } | { problem: InputProblem };

/**
 * Puts the catalogue's prices to what is ordered: a client never names a price, but for the item of any amount.
 * Gives the lines, or everything that is wrong with the order.
 */
export function priceLines(
  catalogue: Catalogue,
  order: readonly OrderLine[],
): { lines: PurchaseLine[] } | { problems: InputProblem[] } {
  const priced = order.map((line, index) => priceLine(catalogue, line, `lines.${index}`));
  const problems = priced.flatMap((result) => ('problem' in result ? [result.problem] : []));
  if (problems.length > 0) return { problems };
  const lines = priced.flatMap((result) => ('line' in result ? [result.line] : []));
  if (sumOfLines(lines) > amountMax)
    return { problems: [{ path: 'lines', message: 'cost too much together' }] };
  return { lines };
}

function priceLine(catalogue: Catalogue, { sku, quantity, amount }: OrderLine, path: string): Priced {
  const { anyAmount } = catalogue;
  if (anyAmount !== undefined && sku === anyAmount.sku) {
    if (amount === undefined) return { problem: { path: `${path}.amount`, message: 'is missing' } };
    if (!Number.isSafeInteger(amount) || amount < anyAmount.min || amount > anyAmount.max)
      return {
        problem: {
          path: `${path}.amount`,
          message: `must be from ${anyAmount.min} to ${anyAmount.max} minor units`,
        },
      };
    return { line: { sku, title: anyAmount.title, quantity, unitPrice: amount } };
  }
  const product = catalogue.product(sku);
  if (product === undefined) return { problem: { path: `${path}.sku`, message: 'is not for sale' } };
  if (amount !== undefined) return { problem: { path: `${path}.amount`, message: 'this item has a price' } };
  return { line: { sku, title: product.title, quantity, unitPrice: product.unitPrice } };
}
