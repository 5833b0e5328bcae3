import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { purchaseFingerprint, type Purchase } from '@unity-purchase/contracts';
import type { SessionSecrets } from '../sessions/session-secrets.js';
import type { IsPurchaseOf } from './order-digests.js';

/** An order that the broker acknowledged: the digest of what the client sent, and when it was placed. */
export type AcceptedOrder = { digest: string } & Pick<Purchase, 'purchaseId' | 'shopper' | 'placedAt'>;

/** What a valid proof says. Proofs of version 0.1 do not contain the time. */
export type Acceptance = {
  placedAtMs: number | undefined;
  /** Whether a recorded purchase is the accepted order, and not an earlier one with the same id. */
  isFor: (purchase: Purchase) => boolean;
};

/**
 * Signed proofs, in the address of a purchase page, that the broker acknowledged this order of this shopper. Until the purchase
 * is recorded, only the proof distinguishes an accepted purchase from an unknown id. After that, it shows whether the recorded
 * purchase is the accepted order or an earlier one with the same id. Proofs need no stored state, and any replica can read them.
 */
export type AcceptanceProofs = {
  issue: (order: AcceptedOrder) => string;
  /** Reads a proof; undefined if it is not valid for this shopper and purchase id. */
  read: (proof: unknown, shopperId: string, purchaseId: string) => Acceptance | undefined;
};

/** 144 bits, which cannot be guessed. */
const signatureBytes = 18;

/** Digest, signature, and the time in milliseconds with base 36. */
const pattern = /^([\w-]{22})([\w-]{24})([0-9a-z]{8})$/;

/** A proof of version 0.1: the start of the purchase's fingerprint, and the signature. */
const olderPattern = /^([\w-]{12})([\w-]{24})$/;

/** Issues proofs with the newest secret, and accepts proofs of every given secret. */
export function createAcceptanceProofs(
  [newest, ...older]: SessionSecrets,
  isPurchaseOf: IsPurchaseOf,
): AcceptanceProofs {
  const signer = (secret: string) => {
    const key = Buffer.from(hkdfSync('sha256', secret, '', 'acceptance proof', 32));
    return (...content: string[]) =>
      createHmac('sha256', key).update(JSON.stringify(content)).digest().subarray(0, signatureBytes);
  };
  const sign = signer(newest);
  const signers = [sign, ...older.map(signer)];
  const isOurs = (signature: string, ...content: string[]) =>
    signers.some((signed) => timingSafeEqual(Buffer.from(signature, 'base64url'), signed(...content)));
  return {
    issue: ({ digest, purchaseId, shopper, placedAt }) => {
      const time = Date.parse(placedAt).toString(36).padStart(8, '0');
      return digest + sign(shopper.id, purchaseId, digest, time).toString('base64url') + time;
    },
    read: (proof, shopperId, purchaseId) => {
      if (typeof proof !== 'string') return undefined;
      const [, digest, signature, time] = pattern.exec(proof) ?? [];
      if (digest !== undefined && signature !== undefined && time !== undefined) {
        if (!isOurs(signature, shopperId, purchaseId, digest, time)) return undefined;
        return {
          placedAtMs: Number.parseInt(time, 36),
          isFor: (purchase) => isPurchaseOf(digest, purchase),
        };
      }
      const [, start, olderSignature] = olderPattern.exec(proof) ?? [];
      if (start === undefined || olderSignature === undefined) return undefined;
      if (!isOurs(olderSignature, shopperId, purchaseId, start)) return undefined;
      return { placedAtMs: undefined, isFor: (purchase) => purchaseFingerprint(purchase).startsWith(start) };
    },
  };
}
