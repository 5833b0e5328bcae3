import type { Purchase } from '@unity-purchase/contracts';
import { RecentMap } from '@unity-purchase/service-kit';

/**
 * An order that this replica placed: the digest of what the client sent, its purchase, whether the broker acknowledged it, and when,
 * if this replica knows.
 */
export type RecentOrder = {
  digest: string;
  purchase: Purchase;
  isAccepted: boolean;
  acceptedAt?: string | undefined;
};

/** Usually 3 MB of memory, and at most 40 MB if every order has the largest size. */
const ordersMax = 5_000;

/** The orders that this replica placed or compared most recently, by shopper and purchase id. Older ones are forgotten. */
export class RecentOrders {
  readonly #orders: RecentMap<string, RecentOrder>;
  readonly #waiting = new Map<string, Promise<void>>();

  constructor(max = ordersMax) {
    this.#orders = new RecentMap(max);
  }

  get(shopperId: string, purchaseId: string): RecentOrder | undefined {
    return this.#orders.get(keyOf(shopperId, purchaseId));
  }

  set(order: RecentOrder): void {
    const { shopper, purchaseId } = order.purchase;
    this.#orders.set(keyOf(shopper.id, purchaseId), order);
  }

  /** Runs one action at a time for a shopper's purchase id, so that the first order decides before the next one is compared. */
  async inTurn<Result>(
    shopperId: string,
    purchaseId: string,
    action: () => Promise<Result>,
  ): Promise<Result> {
    const key = keyOf(shopperId, purchaseId);
    const result = (this.#waiting.get(key) ?? Promise.resolve()).then(action);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#waiting.set(key, settled);
    try {
      return await result;
    } finally {
      if (this.#waiting.get(key) === settled) this.#waiting.delete(key);
    }
  }
}

function keyOf(shopperId: string, purchaseId: string): string {
  return `${purchaseId} ${shopperId}`;
}
