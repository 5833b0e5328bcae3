import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { purchaseFingerprint, type Purchase } from '@unity-purchase/contracts';
import type { SessionSecrets } from '../sessions/session-secrets.js';

/**
 * A note from the storefront to itself, carried in the address of a purchase's page: "the broker acknowledged this
 * purchase, with this content, for this shopper". Until the purchase is recorded it is all that tells an accepted
 * purchase from one that never was; afterwards it tells whether the record is the purchase that was accepted, or an
 * earlier one made with the same form. No state is kept for it, and any replica can read it.
 */
export type AcceptanceProofs = {
  issue: (purchase: Purchase) => string;
  /** What a proof says of a purchase id of a shopper; undefined if it is none, or not for them. */
  read: (
    proof: unknown,
    shopperId: string,
    purchaseId: string,
  ) => { isFor: (purchase: Purchase) => boolean } | undefined;
};

/** Characters of the content's fingerprint: enough to tell two orders of one shopper apart. */
const contentLength = 12;

/** 144 bits that nobody can guess. */
const signatureBytes = 18;
const pattern = /^[\w-]{12}[\w-]{24}$/;

/** Proofs are issued with the newest secret; those that were issued with an older one stay good as long as it is given. */
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
