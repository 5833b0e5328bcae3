import {
  clockDifferenceMaxMs,
  eventRemovalMs,
  purchaseIdAgeMaxMs,
  purchaseIdTimeMs,
  type Purchase,
  type RecordedPurchase,
} from '@unity-purchase/contracts';
import { AppError, type Logger } from '@unity-purchase/service-kit';
import type { Acceptance, AcceptanceProofs } from './acceptance-proof.js';
import type { NotRecorded, RecordedPurchases } from './recorded-purchases.js';

/**
 * What is known about a purchase:
 * - `recorded`: it is in the shopper's history;
 * - `superseded`: an earlier order with the same purchase id is recorded instead, and this one was not bought;
 * - `accepted`: the broker acknowledged it, and it is not recorded yet. `unsure` if the history could not be read. Proofs of version
 *   0.1 do not say when it was placed;
 * - `delayed`: it could not be recorded so far. Its event is a dead letter, and it must not be bought again;
 * - `discarded`: an operator decided, at `decidedAt`, that it will not be recorded. Like that of a delayed one, its `order` is known if
 *   its dead letter can be read;
 * - `erased`: it is not recorded, and the shopper's purchases were erased after it was placed;
 * - `unknown`: there is no sign of it. If it was sent just now, it may still be recorded.
 */
export type PurchaseStatus =
  | { state: 'recorded' | 'superseded'; recorded: RecordedPurchase }
  | { state: 'accepted'; unsure: boolean; placedAt: string | undefined }
  | { state: 'erased'; erasedAt: string }
  | { state: 'delayed' | 'discarded'; order: Purchase | undefined; decidedAt: string | undefined }
  | { state: 'unknown' };

/** The longest time from placing a purchase to recording it. A state that waits for the event ends here. */
const recordingDelayMaxMs = eventRemovalMs;

/** @throws AppError 503 if the history cannot be read and nothing else is known; 404 if it is too old to be recorded still */
export type ReadPurchaseStatus = (
  shopperId: string,
  purchaseId: string,
  proof: unknown,
  signal?: AbortSignal,
) => Promise<PurchaseStatus>;

export function createReadPurchaseStatus({
  recordedPurchases,
  proofs,
  logger,
  now,
}: {
  recordedPurchases: Pick<RecordedPurchases, 'find'>;
  proofs: Pick<AcceptanceProofs, 'read'>;
  logger: Logger;
  now: () => Date;
}): ReadPurchaseStatus {
  return async (shopperId, purchaseId, proof, signal) => {
    const acceptance = proofs.read(proof, shopperId, purchaseId);
    let found: RecordedPurchase | NotRecorded;
    try {
      found = await recordedPurchases.find(shopperId, purchaseId, signal);
    } catch (thrown) {
      if (acceptance === undefined || !(thrown instanceof AppError) || signal?.aborted === true) throw thrown;
      logger.warn(
        { purchaseId, err: thrown.cause },
        'the history cannot be read, so the purchase is shown as accepted',
      );
      return acceptedUnsure(acceptance);
    }
    if ('purchase' in found) {
      const isThis = acceptance?.isFor(found.purchase) ?? true;
      return { state: isThis ? 'recorded' : 'superseded', recorded: found };
    }
    if (found.notRecorded !== 'unknown')
      return { state: found.notRecorded, order: found.order, decidedAt: found.decidedAt };
    const nowMs = now().getTime();
    const placedAtMs = acceptance?.placedAtMs ?? purchaseIdTimeMs(purchaseId);
    // Without a proof or a time in its id, nothing says when it was placed, so neither an erasure nor its age decides.
    if (placedAtMs === undefined) return { state: 'unknown' };
    if (found.erasedAt !== undefined && wasErased(placedAtMs, Date.parse(found.erasedAt), nowMs))
      return { state: 'erased', erasedAt: found.erasedAt };
    const waitMaxMs = acceptance === undefined ? purchaseIdAgeMaxMs : recordingDelayMaxMs;
    if (placedAtMs < nowMs - waitMaxMs) throw new AppError('purchase-not-found');
    if (acceptance === undefined) return { state: 'unknown' };
    return { state: 'accepted', unsure: false, placedAt: timeOf(acceptance) };
  };
}

/** The status of an accepted purchase while the history cannot be read. */
export function acceptedUnsure(acceptance: Acceptance): PurchaseStatus {
  return { state: 'accepted', unsure: true, placedAt: timeOf(acceptance) };
}

function timeOf({ placedAtMs }: Acceptance): string | undefined {
  return placedAtMs === undefined ? undefined : new Date(placedAtMs).toISOString();
}

/**
 * Whether a purchase that is not recorded was erased. If the clocks leave that in doubt, the purchase-service records it, which
 * normally takes seconds: it counts as erased only when it is not recorded after the largest difference between clocks.
 */
function wasErased(placedAtMs: number, erasedAtMs: number, nowMs: number): boolean {
  const afterMs = placedAtMs - erasedAtMs;
  if (afterMs <= -clockDifferenceMaxMs) return true;
  return afterMs <= clockDifferenceMaxMs && nowMs > placedAtMs + clockDifferenceMaxMs;
}
