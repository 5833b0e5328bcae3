import type { Purchase } from '@unity-purchase/contracts';
import type { PlacePurchase } from './place-purchase.js';
import type { RecordedPurchases } from './recorded-purchases.js';

/** The purchases that this replica accepted and that are not recorded yet, as far as it knows. */
export type Unrecorded = {
  count: number;
  /**
   * - `exact`: each of them was looked up;
   * - `estimated`: they were accepted after the newest one that was found to be recorded;
   * - `at-most`: looking up failed, so some of them may be recorded.
   */
  accuracy: 'exact' | 'estimated' | 'at-most';
  /** There may be more: older ones were forgotten. */
  isMore: boolean;
  /** When the oldest of them was accepted. */
  oldestAt: Date | undefined;
  /** When they were counted. */
  at: Date;
};

export type UnrecordedLimits = {
  /** How many accepted purchases are remembered. Each takes about 200 bytes. */
  rememberedMax: number;
  /** How many are looked up one by one. If there are more, the newest recorded one is searched for. */
  lookUpsMax: number;
};

const unrecordedLimits: UnrecordedLimits = { rememberedMax: 5_000, lookUpsMax: 8 };

/** Counting takes no longer, however slowly each request is answered. */
const countWithinMs = 2_500;

type Accepted = { shopperId: string; purchaseId: string; atMs: number };

/**
 * Remembers which purchases this replica accepted, and counts those that are not recorded yet. No service knows the backlog of its
 * broker, because sidecars do not report it. This is what one replica can know.
 */
export class UnrecordedPurchases {
  readonly #find: RecordedPurchases['find'];
  readonly #now: () => Date;
  readonly #limits: UnrecordedLimits;
  /** In the order in which they were accepted. */
  #accepted: Accepted[] = [];

  constructor(find: RecordedPurchases['find'], now: () => Date, limits: UnrecordedLimits = unrecordedLimits) {
    this.#find = find;
    this.#now = now;
    this.#limits = limits;
  }

  /** Remembers an accepted purchase. The oldest are forgotten when there are too many. */
  add({ shopper, purchaseId }: Pick<Purchase, 'shopper' | 'purchaseId'>): void {
    this.#accepted.push({ shopperId: shopper.id, purchaseId, atMs: this.#now().getTime() });
    if (this.#accepted.length > this.#limits.rememberedMax) this.#accepted.shift();
  }

  /** Counts those that are not recorded yet. It never rejects. A count sends a bounded number of requests. */
  async count(): Promise<Unrecorded> {
    // An order that was sent twice can have been accepted twice.
    const accepted = [...new Map(this.#accepted.map((each) => [each.purchaseId, each])).values()];
    const isFew = accepted.length <= this.#limits.lookUpsMax;
    const isGone = this.#lookUp(AbortSignal.timeout(countWithinMs));
    try {
      const gone = isFew ? await findGone(accepted, isGone) : await findOlderThanWaiting(accepted, isGone);
      const ids = new Set([...gone].map(({ purchaseId }) => purchaseId));
      this.#accepted = this.#accepted.filter(({ purchaseId }) => !ids.has(purchaseId));
      return this.#result(
        accepted.filter((each) => !gone.has(each)),
        isFew ? 'exact' : 'estimated',
      );
    } catch {
      return this.#result(accepted, 'at-most');
    }
  }

  #result(waiting: readonly Accepted[], accuracy: Unrecorded['accuracy']): Unrecorded {
    const [oldest] = waiting;
    return {
      count: waiting.length,
      accuracy,
      isMore: waiting.length >= this.#limits.rememberedMax,
      oldestAt: oldest && new Date(oldest.atMs),
      at: this.#now(),
    };
  }

  /** Whether a purchase does not wait in the broker any more: it is recorded, a dead letter, or erased. */
  #lookUp(signal: AbortSignal): IsGone {
    return async ({ shopperId, purchaseId, atMs }) => {
      const found = await this.#find(shopperId, purchaseId, signal);
      if (!('notRecorded' in found)) return true;
      const { notRecorded, erasedAt } = found;
      return notRecorded !== 'unknown' || (erasedAt !== undefined && Date.parse(erasedAt) > atMs);
    };
  }
}

type IsGone = (accepted: Accepted) => Promise<boolean>;

async function findGone(accepted: readonly Accepted[], isGone: IsGone): Promise<Set<Accepted>> {
  const found = await Promise.all(accepted.map(isGone));
  return new Set(accepted.filter((_each, index) => found[index]));
}

/**
 * Those up to the newest one that does not wait any more. It is searched for from the newest one back in growing steps, and then
 * between the last two steps.
 */
async function findOlderThanWaiting(accepted: readonly Accepted[], isGone: IsGone): Promise<Set<Accepted>> {
  const isGoneAt = async (index: number) => {
    const each = accepted[index];
    return each !== undefined && (await isGone(each));
  };
  let waiting = accepted.length;
  let gone = -1;
  for (let step = 1; gone < 0 && waiting > 0; step *= 2) {
    const index = Math.max(0, waiting - step);
    if (await isGoneAt(index)) gone = index;
    else waiting = index;
  }
  while (waiting - gone > 1) {
    const middle = Math.floor((gone + waiting) / 2);
    if (await isGoneAt(middle)) gone = middle;
    else waiting = middle;
  }
  return new Set(accepted.slice(0, gone + 1));
}

/** Places purchases, and remembers those that the broker acknowledged. */
export function rememberAccepted(
  placePurchase: PlacePurchase,
  unrecorded: UnrecordedPurchases,
): PlacePurchase {
  return async (purchase, digest) => {
    const placement = await placePurchase(purchase, digest);
    if (placement === 'accepted') unrecorded.add(purchase);
    return placement;
  };
}
