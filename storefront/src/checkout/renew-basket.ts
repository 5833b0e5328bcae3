import { AppError } from '@unity-purchase/service-kit';
import { basketAfterOrder, type Basket } from '../basket/basket.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { orderLineOf } from '../purchases/price-lines.js';
import type { RecordedPurchases } from '../purchases/recorded-purchases.js';

/**
 * The status of a basket whose purchase id is too old:
 * - `bought`: a purchase is recorded under the id. `basket` has what is left;
 * - `renewed`: nothing was bought under it. `basket` has a new one;
 * - `unsure`: its purchase is delayed, or the history cannot be read. Only `order` has a new id, so the next page checks again.
 */
export type Renewal =
  { kind: 'bought' | 'renewed'; basket: Basket } | { kind: 'unsure'; order: Basket & { purchaseId: string } };

/** Gives a basket a new purchase id after it is known that nothing was bought under the old one. */
export type RenewBasket = (shopperId: string, basket: Basket & { purchaseId: string }) => Promise<Renewal>;

export function createRenewBasket({
  catalogue,
  recordedPurchases,
  newPurchaseId,
}: {
  catalogue: Pick<Catalogue, 'item'>;
  recordedPurchases: Pick<RecordedPurchases, 'find'>;
  newPurchaseId: () => string;
}): RenewBasket {
  const isSold = (sku: string) => catalogue.item(sku) !== undefined;
  return async (shopperId, basket) => {
    const found = await recordedPurchases.find(shopperId, basket.purchaseId).catch((thrown: unknown) => {
      if (thrown instanceof AppError) return undefined;
      throw thrown;
    });
    if (found === undefined || ('notRecorded' in found && found.notRecorded === 'delayed'))
      return { kind: 'unsure', order: { ...basket, purchaseId: newPurchaseId() } };
    if ('notRecorded' in found)
      return { kind: 'renewed', basket: { ...basket, purchaseId: newPurchaseId() } };
    const { lines, total } = found.purchase;
    const order = { currency: total.currency, lines: lines.map((line) => orderLineOf(catalogue, line)) };
    return { kind: 'bought', basket: basketAfterOrder(basket, order, { isSold, newPurchaseId }) };
  };
}
