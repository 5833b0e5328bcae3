import { z } from 'zod';
import type { ProblemCode } from './problem-codes.js';

/** A purchase's identity: a UUIDv7, whose first 48 bits are the time it was minted (RFC 9562, section 5.7). */
export const purchaseIdSchema = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, {
    error: 'must be a UUIDv7',
  });

/** An id older than this is refused for a new purchase: a retry that late is more likely a mistake than a retry. */
export const purchaseIdAgeMaxMs = 24 * 60 * 60 * 1000;

/** How far ahead of ours a client's clock may be. */
export const purchaseIdAheadMaxMs = 5 * 60 * 1000;

/** Why an id cannot name a new purchase. */
export type PurchaseIdProblem = Extract<ProblemCode, `purchase-id-${string}`>;

/** The time, in milliseconds since the epoch, inside a valid purchase id. */
export function purchaseIdTimeMs(purchaseId: string): number {
  return Number.parseInt(purchaseId.slice(0, 8) + purchaseId.slice(9, 13), 16);
}

/** Says whether a text may name a new purchase at `nowMs`: the id in its canonical form, or what is wrong with it. */
export function readNewPurchaseId(
  text: string,
  nowMs: number,
): { id: string } | { problem: PurchaseIdProblem } {
  const parsed = purchaseIdSchema.safeParse(text);
  if (!parsed.success) return { problem: 'purchase-id-malformed' };
  const mintedMs = purchaseIdTimeMs(parsed.data);
  if (mintedMs < nowMs - purchaseIdAgeMaxMs) return { problem: 'purchase-id-expired' };
  if (mintedMs > nowMs + purchaseIdAheadMaxMs) return { problem: 'purchase-id-in-the-future' };
  return { id: parsed.data };
}
