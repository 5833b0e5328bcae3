import {
  purchaseFingerprint,
  purchaseIdTimeMs,
  shopperKey,
  type AuditAction,
  type Purchase,
} from '@unity-purchase/contracts';
import { clockDifferenceMaxMs } from '@unity-purchase/numbered-log';

/** What a shopper did, in the world's own time, which no clock in the system knows. */
export type Order = {
  purchase: Purchase;
  boughtMs: number;
  /** The broker acknowledged it, so the shop said "accepted". */
  isAccepted: boolean;
};

export type Erasure = { shopper: string; startMs: number; endMs: number; isComplete: boolean };

/** All orders for one purchase id of one shopper: retries, and other orders under the same id. */
export type OrdersOfId = { shopperId: string; purchaseId: string; orders: Order[] };

/** An operator's decision that a dead letter needs no action. `endMs` is infinite if it may have failed. */
export type Discard = { purchaseId: string | undefined; startMs: number; endMs: number };

/** Something that an operator asked for. It is made once the audit log has it. */
export type Access = { requestId: string; action: AuditAction; isMade: boolean };

/** How long after a failed erasure its last write can still arrive. */
const lateMs = 30_000;

/** What happened outside the system: the truth that its records are compared with. */
export class Ledger {
  readonly #ids = new Map<string, OrdersOfId>();
  readonly erasures: Erasure[] = [];
  /** The last discard of each dead letter that was not replayed since. */
  readonly discards = new Map<string, Discard>();
  readonly accesses: Access[] = [];
  /** The dead letters that were taken, and when that began. */
  readonly takenDeadLetters: { text: string; startMs: number }[] = [];
  /** Purchases that are not worth looking for one by one: nothing happened to them. By shopper key and purchase id. */
  readonly uneventful = new Set<string>();

  add(purchase: Purchase, boughtMs: number): Order {
    const order = { purchase, boughtMs, isAccepted: false };
    const key = JSON.stringify([purchase.shopper.id, purchase.purchaseId]);
    const known = this.#ids.get(key);
    if (known === undefined)
      this.#ids.set(key, {
        shopperId: purchase.shopper.id,
        purchaseId: purchase.purchaseId,
        orders: [order],
      });
    else known.orders.push(order);
    return order;
  }

  get ids(): OrdersOfId[] {
    return [...this.#ids.values()];
  }

  get orders(): Order[] {
    return this.ids.flatMap(({ orders }) => orders);
  }

  ordersOf(shopperId: string, purchaseId: string): readonly Order[] {
    return this.#ids.get(JSON.stringify([shopperId, purchaseId]))?.orders ?? [];
  }

  /**
   * Whether the purchase must be recorded: it was accepted after the last erasure of its shopper had ended, and no operator
   * discarded its dead letter.
   */
  mustBeRecorded({ shopperId, purchaseId, orders }: OrdersOfId): boolean {
    if (this.#isDiscarded(purchaseId)) return false;
    const lastWriteMs = Math.max(
      -Infinity,
      ...this.#erasuresOf(shopperId).map(({ endMs, isComplete }) => endMs + (isComplete ? 0 : lateMs)),
    );
    return orders.some(({ isAccepted, boughtMs }) => isAccepted && boughtMs > lastWriteMs);
  }

  /**
   * Whether the purchase must not be recorded: every order was placed long before a complete erasure. Two clocks may differ by
   * ten minutes, and an erasure keeps what is in doubt by as much.
   */
  mustBeErased({ shopperId, orders }: OrdersOfId): boolean {
    return this.#erasuresOf(shopperId).some(
      ({ isComplete, startMs }) =>
        isComplete && orders.every(({ boughtMs }) => boughtMs <= startMs - 2 * clockDifferenceMaxMs),
    );
  }

  wasErased(shopperId: string): boolean {
    return this.#erasuresOf(shopperId).length > 0;
  }

  /**
   * Whether an erasure of a shopper failed, and no complete one began after that, so that an operator has to repeat it. One that ran
   * at the same time erased the history only up to its own mark, which may be before the other's.
   */
  isErasureOpen(shopperId: string): boolean {
    const erasures = this.#erasuresOf(shopperId);
    return erasures.some(
      (failed) =>
        !failed.isComplete &&
        !erasures.some(({ isComplete, startMs }) => isComplete && startMs >= failed.endMs),
    );
  }

  /** Whether an operator discarded a dead letter of a purchase, and it did not arrive again since. */
  #isDiscarded(purchaseId: string): boolean {
    return [...this.discards.values()].some(
      (discard) =>
        discard.purchaseId === purchaseId &&
        !this.takenDeadLetters.some(
          ({ text, startMs }) => startMs > discard.endMs && text.includes(purchaseId),
        ),
    );
  }

  #erasuresOf(shopperId: string): Erasure[] {
    return this.erasures.filter(({ shopper }) => shopper === shopperKey(shopperId));
  }
}

/** Whether two purchases are about the same order. */
export function isSameOrder(one: Purchase, other: Purchase): boolean {
  return purchaseFingerprint(one) === purchaseFingerprint(other);
}

/** A purchase in a few words. */
export function inWords({ purchaseId, shopper, total }: Purchase): string {
  const id = `${purchaseId.slice(-4)} of ${new Date(purchaseIdTimeMs(purchaseId) ?? 0).toISOString()}`;
  return `${total.amount} ${total.currency} by ${JSON.stringify(shopper.id)} under id …${id}`;
}
