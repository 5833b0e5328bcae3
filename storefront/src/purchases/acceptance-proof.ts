import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { purchaseFingerprint, type Purchase } from '@unity-purchase/contracts';
import type { SessionSecrets } from '../sessions/session-secrets.js';

/**
 * Signed proofs, in the address of a purchase page, that the broker acknowledged a purchase with this content for this shopper.
 * Until the purchase is recorded, only the proof distinguishes an accepted purchase from an unknown id. After that, it shows
 * whether the recorded purchase is the accepted one or an earlier one with the same id. Proofs need no stored state, and any
 * replica can read them.
 */
export type AcceptanceProofs = {
  issue: (purchase: Purchase) => string;
  /** Reads a proof; undefined if it is not valid for this shopper and purchase id. */
  read: (
    proof: unknown,
    shopperId: string,
    purchaseId: string,
  ) => { isFor: (purchase: Purchase) => boolean } | undefined;
};

/** Characters of the purchase's fingerprint: enough to distinguish two orders of one shopper. */
const contentLength = 12;

/** 144 bits, which cannot be guessed. */
const signatureBytes = 18;
const pattern = /^[\w-]{12}[\w-]{24}$/;

/** Issues proofs with the newest secret, and accepts proofs of every given secret. */
export function createAcceptanceProofs([newest, ...older]: SessionSecrets): AcceptanceProofs {
  const signer = (secret: string) => {
    const key = Buffer.from(hkdfSync('sha256', secret, '', 'acceptance proof', 32));
    return (shopperId: string, purchaseId: string, content: string) =>
      createHmac('sha256', key)
        .update(JSON.stringify([shopperId, purchaseId, content]))
        .digest()
        .subarray(0, signatureBytes);
  };
  const sign = signer(newest);
  const signers = [sign, ...older.map(signer)];
  return {
    issue: (purchase) => {
      const content = digestOf(purchase);
      return content + sign(purchase.shopper.id, purchase.purchaseId, content).toString('base64url');
    },
    read: (proof, shopperId, purchaseId) => {
      if (typeof proof !== 'string' || !pattern.test(proof)) return undefined;
      const content = proof.slice(0, contentLength);
      const signature = Buffer.from(proof.slice(contentLength), 'base64url');
      const isOurs = signers.some((signed) =>
        timingSafeEqual(signature, signed(shopperId, purchaseId, content)),
      );
      if (!isOurs) return undefined;
      return { isFor: (purchase) => digestOf(purchase) === content };
    },
  };
}

function digestOf(purchase: Purchase): string {
  return purchaseFingerprint(purchase).slice(0, contentLength);
}
