import { amountMax, readNewPurchaseId, type Currency, type Shopper } from '@unity-purchase/contracts';
import { basketAfterOrder, type Basket } from '../basket/basket.js';
import { priceBasket, purchaseLinesOf, type PricedBasket } from '../basket/price-basket.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { digestOfShownOrder } from '../purchases/order-digests.js';
import type { AcceptedOrder } from '../purchases/acceptance-proof.js';
import type { PlaceOrder } from '../purchases/place-order.js';
import type { OrderLine } from '../purchases/price-lines.js';

/** What a shopper is about to buy. The purchase id stays the same when the order is submitted again. */
export type Order = { purchaseId: string; currency: Currency; lines: OrderLine[] };

/** An order as the checkout page sends it: with the total, in minor units, that the page showed. */
export type SubmittedOrder = Order & { total: number };

/** Who submits an order, and the language in which titles are recorded. */
export type Submitter = { shopper: Shopper | undefined; language: string };

/** The order to show again, and its items at current prices. */
type ShownOrder = { order: Order; priced: PricedBasket };

/**
 * How submitting an order ended. `basket`, where present, replaces the shopper's basket.
 * - `accepted`: the broker acknowledged the purchase;
 * - `not-accepted`: it was certainly not published. `not-confirmed`: unknown. The same order can safely be submitted again;
 * - `not-signed-in`: the session ended. An empty basket takes over the order, so that nothing is lost;
 * - `id-used`: another order was already placed under the purchase id, so nothing was bought. The order has a new one;
 * - `expired`: the purchase id is too old or not valid. The order in the outcome has a new one;
 * - `nothing-for-sale`: the shop sells none of the items;
 * - `items-unavailable`, `price-changed`: the order is no longer what the page showed;
 * - `too-expensive`: the total is more than one purchase may cost.
 */
export type SubmitOutcome =
  | { kind: 'accepted'; accepted: AcceptedOrder; basket: Basket }
  | ({ kind: 'not-accepted' | 'not-confirmed' } & ShownOrder)
  | { kind: 'not-signed-in'; basket?: Basket }
  | ({ kind: 'expired'; basket: Basket } & ShownOrder)
  | ({ kind: 'id-used'; basket: Basket; earlier: AcceptedOrder } & ShownOrder)
  | { kind: 'nothing-for-sale' }
  | ({ kind: 'items-unavailable' | 'price-changed' | 'too-expensive' } & ShownOrder);

/** Places an order if it is still what the shopper agreed to, and nothing otherwise. */
export type SubmitOrder = (
  form: SubmittedOrder,
  basket: Basket,
  submitter: Submitter,
) => Promise<SubmitOutcome>;

export type SubmitOrderDependencies = {
  catalogue: Catalogue;
  placeOrder: PlaceOrder;
  newPurchaseId: () => string;
  now: () => Date;
};

export function createSubmitOrder({
  catalogue,
  placeOrder,
  newPurchaseId,
  now,
}: SubmitOrderDependencies): SubmitOrder {
  return async ({ total, ...submitted }, basket, { shopper, language }) => {
    const id = readNewPurchaseId(submitted.purchaseId, now().getTime());
    const order = { ...submitted, purchaseId: 'id' in id ? id.id : newPurchaseId() };
    if (shopper === undefined)
      return { kind: 'not-signed-in', ...(basket.lines.length === 0 ? { basket: order } : {}) };

    const { currency } = order;
    const priced = priceBasket(catalogue, order.lines, { currency, language });
    if ('problem' in id)
      return { kind: 'expired', basket: { ...basket, purchaseId: order.purchaseId }, order, priced };
    if (priced.rows.length === 0 || !catalogue.currencies.includes(currency))
      return { kind: 'nothing-for-sale' };
    if (priced.unavailable.length > 0) return { kind: 'items-unavailable', order, priced };
    if (priced.total !== total) return { kind: 'price-changed', order, priced };
    if (total > amountMax) return { kind: 'too-expensive', order, priced };

    const { purchaseId } = order;
    const lines = purchaseLinesOf(priced);
    const digest = digestOfShownOrder(currency, lines);
    const placed = await placeOrder({ purchaseId, shopper, lines, currency, digest });
    if (placed.outcome === 'id-used') {
      const renewed = { ...order, purchaseId: newPurchaseId() };
      return {
        kind: 'id-used',
        earlier: placed.earlier,
        basket: basket.purchaseId === purchaseId ? { ...basket, purchaseId: renewed.purchaseId } : basket,
        order: renewed,
        priced,
      };
    }
    if (placed.outcome !== 'accepted') return { kind: placed.outcome, order, priced };
    const isSold = (sku: string) => catalogue.item(sku) !== undefined;
    return {
      kind: 'accepted',
      accepted: { ...placed.purchase, digest },
      basket: basketAfterOrder(basket, order, { isSold, newPurchaseId }),
    };
  };
}
