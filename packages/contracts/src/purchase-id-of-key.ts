import { createHash } from 'node:crypto';
import {
  purchaseIdSchema,
  purchaseIdTimeMs,
  readNewPurchaseId,
  type PurchaseIdProblem,
} from './purchase-id.js';

/**
 * The purchase id of an `Idempotency-Key` at `nowMs`, or why the key is refused. A UUIDv7 is its own id. Any other key gets an id
 * that is derived from a hash of shopper and key: always the same one, which no other shopper has. Keys are case sensitive,
 * UUIDv7s are not.
 *
 * A derived id is its own id if its shopper sends it as a key, so an order can be sent again under the id in its first answer.
 *
 * It has the form of a UUIDv7 with a time before `purchaseIdTimeMs` knows any, because earlier versions read ids of that form only:
 * see docs/decisions/any-idempotency-key.md. It never changes, or an order that is sent again would be bought twice.
 */
export function purchaseIdOfKey(
  key: string,
  shopperId: string,
  nowMs: number,
): { id: string } | { problem: PurchaseIdProblem } {
  const parsed = purchaseIdSchema.safeParse(key);
  if (parsed.success) {
    if (purchaseIdTimeMs(parsed.data) !== undefined) return readNewPurchaseId(parsed.data, nowMs);
    if (isDerivedFor(shopperId, parsed.data)) return { id: parsed.data };
  }
  return { id: derivedId(shopperId, hashOf(tagBits, 'key', shopperId, key)) };
}

/** Two keys of one shopper do not have the same tag by chance. */
const tagBits = 80n;

/** An id that the shop did not derive for this shopper does not have the right check by chance. */
const checkBits = 34n;

/** The last bits of a UUID, after its variant. */
const lastBits = 62n;
const lastMask = (1n << lastBits) - 1n;

/** The first bits of a hash of texts. */
function hashOf(bits: bigint, ...texts: readonly string[]): bigint {
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  return BigInt(`0x${hash}`) >> (256n - bits);
}

/** The id of a tag: the tag and its check, in all bits that are not the version, the variant or the first eight. */
function derivedId(shopperId: string, tag: bigint): string {
  const bits = (tag << checkBits) | hashOf(checkBits, 'check', shopperId, tag.toString(16));
  const hex = (value: bigint, length: number) => value.toString(16).padStart(length, '0');
  const start = hex(bits >> (lastBits + 12n), 10);
  const middle = hex((bits >> lastBits) & 0xfffn, 3);
  const end = hex((0b10n << lastBits) | (bits & lastMask), 16);
  return `00${start.slice(0, 6)}-${start.slice(6)}-7${middle}-${end.slice(0, 4)}-${end.slice(4)}`;
}

/** Whether an id without a time was derived for this shopper. */
function isDerivedFor(shopperId: string, id: string): boolean {
  const hex = id.replaceAll('-', '');
  const start = BigInt(`0x${hex.slice(2, 12)}${hex.slice(13, 16)}`);
  const bits = (start << lastBits) | (BigInt(`0x${hex.slice(16)}`) & lastMask);
  return derivedId(shopperId, bits >> checkBits) === id;
}
