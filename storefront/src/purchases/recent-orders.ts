import type { Purchase } from '@unity-purchase/contracts';

/** An order that this replica placed: the digest of what the client sent, its purchase, and whether the broker acknowledged it. */
export type RecentOrder = { digest: string; purchase: Purchase; isAccepted: boolean };

/** Usually 3 MB of memory, and at most 40 MB if every order has the largest size. */
const ordersMax = 5_000;

/** The orders that this replica placed most recently, by shopper and purchase id. The oldest ones are forgotten. */
export class RecentOrders {
  readonly #orders = new Map<string, RecentOrder>();
  readonly #waiting = new Map<string, Promise<void>>();
  readonly #max: number;

  constructor(max = ordersMax) {
    this.#max = max;
  }

  get(shopperId: string, purchaseId: string): RecentOrder | undefined {
    return this.#orders.get(keyOf(shopperId, purchaseId));
  }

  set(order: RecentOrder): void {
    const { shopper, purchaseId } = order.purchase;
    const key = keyOf(shopper.id, purchaseId);
    this.#orders.delete(key);
    this.#orders.set(key, order);
    for (const oldest of this.#orders.keys()) {
      if (this.#orders.size <= this.#max) return;
      this.#orders.delete(oldest);
    }
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
