import {
  amountMax,
  readNewPurchaseId,
  type Currency,
  type Purchase,
  type Shopper,
} from '@unity-purchase/contracts';
import { basketAfterOrder, type Basket } from '../basket/basket.js';
import { priceBasket, purchaseLinesOf, type PricedBasket } from '../basket/price-basket.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { digestOfShownOrder } from '../purchases/order-digests.js';
import type { AcceptedOrder } from '../purchases/acceptance-proof.js';
import type { PlaceOrder } from '../purchases/place-order.js';
import { orderLineOf, type OrderLine } from '../purchases/price-lines.js';

/** What a shopper is about to buy. The purchase id stays the same when the order is submitted again. */
export type Order = { purchaseId: string; currency: Currency; lines: OrderLine[] };

/** A line as the checkout page sends it: with the unit price, in minor units, that the page showed. */
export type ShownLine = { sku: string; quantity: number; price: number | undefined };

/** An order as the checkout page sends it. `person` is the shopper key of the person to whom the page was shown. */
export type SubmittedOrder = Omit<Order, 'lines'> & { lines: ShownLine[]; person: string | undefined };

/** Who submits an order, and the language in which titles are recorded. */
export type Submitter = { shopper: Shopper | undefined; language: string };

/** The order to show again, and its items at current prices. */
type ShownOrder = { order: Order; priced: PricedBasket };

/**
 * How submitting an order ended. `basket`, where present, replaces the shopper's basket.
 * - `accepted`: the broker acknowledged the purchase;
 * - `not-accepted`: it was certainly not published. `not-confirmed`: unknown. The same order can safely be submitted again;
 * - `not-signed-in`: the session ended. An empty basket takes over the order for its shopper, so that nothing is lost;
 * - `outdated-page`: the page comes from an earlier version and does not say which prices it showed, or to whom;
 * - `id-used`: another order was already placed under the purchase id, so nothing was bought. The order has a new one;
 * - `expired`: the purchase id is too old or not valid. The order in the outcome has a new one;
 * - `nothing-for-sale`: the shop sells none of the items;
 * - `items-unavailable`, `prices-changed`: the order is no longer what the page showed, line by line;
 * - `too-expensive`: the total is more than one purchase may cost.
 */
export type SubmitOutcome =
  | {
      kind: 'accepted';
      accepted: Purchase & AcceptedOrder;
      acceptedAt: string | undefined;
      basket: Basket;
    }
  | ({ kind: 'not-accepted' | 'not-confirmed' } & ShownOrder)
  | { kind: 'not-signed-in'; kept?: { basket: Basket; owner: string } }
  | ({ kind: 'expired'; basket: Basket } & ShownOrder)
  | ({ kind: 'id-used'; basket: Basket; earlier: AcceptedOrder } & ShownOrder)
  | { kind: 'nothing-for-sale' }
  | ({ kind: 'prices-changed'; changes: PriceChange[] } & ShownOrder)
  | ({ kind: 'items-unavailable' | 'outdated-page' | 'too-expensive' } & ShownOrder);

/** A unit price, in minor units, as the page showed it and as it is now. */
export type PriceChange = { title: string; before: number; now: number };

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
  return async (form, basket, { shopper, language }) => {
    const { currency, person } = form;
    const id = readNewPurchaseId(form.purchaseId, now().getTime());
    const lines = form.lines.map((line) => orderLineOf(catalogue, { ...line, unitPrice: line.price }));
    const order = { purchaseId: 'id' in id ? id.id : newPurchaseId(), currency, lines };
    if (shopper === undefined)
      return person === undefined || basket.lines.length > 0
        ? { kind: 'not-signed-in' }
        : { kind: 'not-signed-in', kept: { basket: order, owner: person } };

    const priced = priceBasket(catalogue, order.lines, { currency, language });
    if ('problem' in id)
      return { kind: 'expired', basket: { ...basket, purchaseId: order.purchaseId }, order, priced };
    if (priced.rows.length === 0 || !catalogue.currencies.includes(currency))
      return { kind: 'nothing-for-sale' };
    if (priced.unavailable.length > 0) return { kind: 'items-unavailable', order, priced };
    if (person === undefined || form.lines.some(({ price }) => price === undefined))
      return { kind: 'outdated-page', order, priced };
    const changes = changedPrices(form.lines, priced);
    if (changes.length > 0) return { kind: 'prices-changed', changes, order, priced };
    if (priced.total > amountMax) return { kind: 'too-expensive', order, priced };

    const { purchaseId } = order;
    const bought = purchaseLinesOf(priced);
    const digest = digestOfShownOrder(currency, bought);
    const placed = await placeOrder({ purchaseId, shopper, lines: bought, currency, digest });
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
      acceptedAt: placed.acceptedAt,
      basket: basketAfterOrder(basket, order, { isSold, newPurchaseId }),
    };
  };
}

/** The prices that are not what the page showed. All lines are for sale, so lines and rows are in the same order. */
function changedPrices(lines: readonly ShownLine[], { rows }: PricedBasket): PriceChange[] {
  return rows.flatMap(({ title, unitPrice }, index) => {
    const before = lines[index]?.price ?? Number.NaN;
    return before === unitPrice ? [] : [{ title, before, now: unitPrice }];
  });
}
