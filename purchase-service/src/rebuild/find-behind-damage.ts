import type { PlacedPurchase, PurchaseHistory } from '../purchases/purchase-history.js';

/** The purchases that were found by their ids, and whether the history has a segment that is not readable. */
type FoundBehindDamage = { found: Map<string, PlacedPurchase>; isUnreadable: boolean };

/**
 * Reads a shopper's whole history for purchases that the usual search did not find: in a damaged one, it does not find those behind the
 * damage. It stops when it has all of them; otherwise it has seen every segment.
 */
export async function findBehindDamage(
  history: Pick<PurchaseHistory, 'inspect'>,
  shopper: string,
  ids: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<FoundBehindDamage> {
  const found = new Map<string, PlacedPurchase>();
  let isUnreadable = false;
  for await (const { purchases, damages } of history.inspect(shopper, signal)) {
    isUnreadable ||= damages.some(({ segment, damage }) => segment > 0 && damage === 'unreadable');
    for (const placed of purchases)
      if (ids.has(placed.purchase.purchaseId)) found.set(placed.purchase.purchaseId, placed);
    if (found.size === ids.size) break;
  }
  return { found, isUnreadable };
}
