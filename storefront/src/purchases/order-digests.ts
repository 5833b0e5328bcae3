import { orderDigest, type Purchase } from '@unity-purchase/contracts';
import type { Catalogue } from '../catalogue/catalogue.js';
import { orderLineOf, type OrderLine } from './price-lines.js';

/** The digest of an order from the API. The client chose no prices, except the amount of the any-amount item. */
export function digestOfOrder(currency: string, lines: readonly OrderLine[]): string {
  return orderDigest({ currency, lines });
}

/** The digest of an order from the checkout form. The shopper agreed to every price on the page. */
export function digestOfShownOrder(
  currency: string,
  lines: readonly { sku: string; quantity: number; unitPrice: number }[],
): string {
  return orderDigest({
    currency,
    lines: lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, amount: unitPrice })),
  });
}

/** Whether a purchase is what an order with this digest asked for, from the API or from the form. */
export type IsPurchaseOf = (digest: string, purchase: Purchase) => boolean;

/** Compares purchases with orders. It knows from the catalogue for which items clients choose the amount. */
export function createIsPurchaseOf(catalogue: Pick<Catalogue, 'item'>): IsPurchaseOf {
  return (digest, { total: { currency }, lines }) => {
    const sent = lines.map((line) => orderLineOf(catalogue, line));
    return [digestOfOrder(currency, sent), digestOfShownOrder(currency, lines)].includes(digest);
  };
}
