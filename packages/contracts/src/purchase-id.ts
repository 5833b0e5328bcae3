import { z } from 'zod';
import type { ProblemCode } from './problem-codes.js';

/**
 * A purchase id: a UUIDv7, whose first 48 bits are the time of its creation (RFC 9562, section 5.7), or an id without a time in
 * the same form: see `purchaseIdOfKey`.
 */
export const purchaseIdSchema = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, {
    error: 'must be a UUIDv7',
  });

/** The largest age of the id of a new purchase. A later retry is more likely a mistake than a retry. */
export const purchaseIdAgeMaxMs = 24 * 60 * 60 * 1000;

/** The largest difference between any two of our clocks that changes no outcome. */
export const clockDifferenceMaxMs = 10 * 60 * 1000;

/** How far a client's clock may be ahead of ours. */
export const purchaseIdAheadMaxMs = 5 * 60 * 1000;

/** Why an id is refused for a new purchase. */
export type PurchaseIdProblem = Extract<ProblemCode, `purchase-id-${string}`>;

/** Ids of an earlier time have no time: they begin with 00. It is a time in 2004, at which no shop existed. */
const firstTimeMs = 2 ** 40;

/**
 * When a valid purchase id was created, in milliseconds since the epoch, or undefined if it has no time, because it is derived from
 * an `Idempotency-Key`.
 */
export function purchaseIdTimeMs(purchaseId: string): number | undefined {
  const timeMs = Number.parseInt(purchaseId.slice(0, 8) + purchaseId.slice(9, 13), 16);
  return timeMs < firstTimeMs ? undefined : timeMs;
}

/** Reads the id of a new purchase at `nowMs`: the id in its canonical form, or what is wrong with it. */
export function readNewPurchaseId(
  text: string,
  nowMs: number,
): { id: string } | { problem: PurchaseIdProblem } {
  const parsed = purchaseIdSchema.safeParse(text);
  if (!parsed.success) return { problem: 'purchase-id-malformed' };
  const createdAtMs = purchaseIdTimeMs(parsed.data) ?? 0;
  if (createdAtMs < nowMs - purchaseIdAgeMaxMs) return { problem: 'purchase-id-expired' };
  if (createdAtMs > nowMs + purchaseIdAheadMaxMs) return { problem: 'purchase-id-in-the-future' };
  return { id: parsed.data };
}
