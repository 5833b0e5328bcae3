import {
  purchaseIdTimeMs,
  sumOfLines,
  type Currency,
  type Money,
  type Purchase,
  type PurchaseLine,
  type Shopper,
} from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import type { AcceptedOrder } from './acceptance-proof.js';
import { digestOfShownOrder, type IsPurchaseOf } from './order-digests.js';
import type { Placement, PlacePurchase } from './place-purchase.js';
import type { RecentOrders } from './recent-orders.js';
import type { RecordedPurchases } from './recorded-purchases.js';

/** An order with the prices at which it is placed, and the digest of what the client sent. */
export type PricedOrder = {
  purchaseId: string;
  shopper: Shopper;
  lines: PurchaseLine[];
  currency: Currency;
  digest: string;
};

/**
 * How placing an order ended:
 * - `accepted`: the broker acknowledged the purchase, now or when the same order was placed before. `acceptedAt` is when, if this
 *   replica knows;
 * - `not-accepted`: it was certainly not published; `not-confirmed`: unknown;
 * - `id-used`: another order, `earlier`, was placed under this purchase id, so nothing was published.
 */
export type OrderOutcome =
  | { outcome: Placement; purchase: Purchase; acceptedAt?: string | undefined }
  | { outcome: 'id-used'; earlier: AcceptedOrder };

/**
 * Places an order. The first order under a purchase id decides: the same order again returns the same purchase, even if prices
 * have changed since. Another order is refused if this replica or the history knows the first one. Otherwise it is published,
 * and the purchase-service records only the first.
 *
 * `mayBeRepeated` means that an older id may belong to an earlier attempt, so the history is asked first. `checkTotal` gets what a new
 * order costs before it is placed; if it throws, nothing is published, and this throws the same.
 */
export type PlaceOrder = (order: PricedOrder, options?: PlaceOptions) => Promise<OrderOutcome>;

export type PlaceOptions = { mayBeRepeated?: boolean; checkTotal?: (total: Money) => void };

/** A retry that arrives sooner after its id was created finds the first attempt only in the memory of the same replica. */
const freshIdMs = 30_000;

/** How long a slow history may delay an order. Without its answer, the purchase-service decides when it records the order. */
const historyWaitMs = 1_000;

export type PlaceOrderDependencies = {
  placePurchase: PlacePurchase;
  recordedPurchases: Pick<RecordedPurchases, 'find'>;
  recentOrders: RecentOrders;
  isPurchaseOf: IsPurchaseOf;
  now: () => Date;
};

export function createPlaceOrder({
  placePurchase,
  recordedPurchases,
  recentOrders,
  isPurchaseOf,
  now,
}: PlaceOrderDependencies): PlaceOrder {
  const findRecorded = async ({ shopper, purchaseId }: PricedOrder): Promise<Purchase | undefined> => {
    const found = await within(historyWaitMs, recordedPurchases.find(shopper.id, purchaseId));
    return found !== undefined && 'purchase' in found ? found.purchase : undefined;
  };
  const place = async (
    order: PricedOrder,
    { mayBeRepeated = false, checkTotal = () => undefined }: PlaceOptions,
  ): Promise<OrderOutcome> => {
    const { purchaseId, shopper, lines, currency, digest } = order;
    const recent = recentOrders.get(shopper.id, purchaseId);
    if (recent?.isAccepted === true) {
      const earlier = { ...recent.purchase, digest: recent.digest };
      if (recent.digest !== digest) return { outcome: 'id-used', earlier };
      return { outcome: 'accepted', purchase: recent.purchase, acceptedAt: recent.acceptedAt };
    }
    // Without a time in its id, any order may be repeated.
    const isFresh = (purchaseIdTimeMs(purchaseId) ?? 0) > now().getTime() - freshIdMs;
    const recorded = mayBeRepeated && !isFresh ? await findRecorded(order) : undefined;
    if (recorded !== undefined) {
      if (!isPurchaseOf(digest, recorded)) return { outcome: 'id-used', earlier: orderOf(recorded) };
      recentOrders.set({ digest, purchase: recorded, isAccepted: true });
      return { outcome: 'accepted', purchase: recorded };
    }
    const total = { amount: sumOfLines(lines), currency };
    const isRetry = recent?.digest === digest;
    if (!isRetry) checkTotal(total);
    // A retry of an order that was not confirmed publishes the same event again, at the same prices.
    const purchase = isRetry
      ? recent.purchase
      : { purchaseId, shopper, lines, total, placedAt: now().toISOString() };
    const outcome = await placePurchase(purchase, digest);
    // If another order is not confirmed, only the purchase-service knows which of the two was first.
    const isFirst = recent === undefined || recent.digest === digest;
    const acceptedAt = outcome === 'accepted' ? now().toISOString() : undefined;
    if (outcome !== 'not-accepted' && isFirst)
      recentOrders.set({ digest, purchase, isAccepted: outcome === 'accepted', acceptedAt });
    return { outcome, purchase, acceptedAt };
  };
  return (order, options = {}) =>
    recentOrders.inTurn(order.shopper.id, order.purchaseId, () => place(order, options));
}

/** A recorded purchase as an accepted order. */
function orderOf(recorded: Purchase): AcceptedOrder {
  return { ...recorded, digest: digestOfShownOrder(recorded.total.currency, recorded.lines) };
}

/** The result of a read, or undefined if it fails or takes longer. */
async function within<Result>(ms: number, read: Promise<Result>): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([read, late]);
  } catch (thrown) {
    if (thrown instanceof AppError) return undefined;
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}
