import type { PurchaseLine, Shopper } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { AcceptanceProofs } from './acceptance-proof.js';
import { priceLine, type PricingTerms } from './price-lines.js';
import { acceptedUnsure, type PurchaseStatus, type ReadPurchaseStatus } from './purchase-status.js';

/** Buys for operators who are not signed in as a shopper. */
export const demoShopper: Shopper = { id: 'demo-shopper', name: 'Demo shopper' };

/** One of the first product that has a price in this currency; undefined if none has. */
export function demoLine(catalogue: Catalogue, terms: PricingTerms): PurchaseLine | undefined {
  const { sku } = catalogue.products.find(({ prices }) => prices[terms.currency] !== undefined) ?? {};
  if (sku === undefined) return undefined;
  const priced = priceLine(catalogue, { sku, quantity: 1 }, terms);
  return 'line' in priced ? priced.line : undefined;
}

/** What is known about a purchase right now. `unreadable`: nothing, because the history cannot be read. */
export type StatusNow = PurchaseStatus | { state: 'unreadable' };

/** How long the page waits for a history. While a part is paused, it would otherwise wait for the whole deadline each second. */
const readWithinMs = 800;

export type ReadStatusNow = (
  shopperId: string,
  purchaseId: string,
  proof: unknown,
  signal: AbortSignal,
) => Promise<StatusNow | undefined>;

/** Reads the status of a purchase within a second, whatever is paused. Resolves to undefined for a purchase of long ago. */
export function createReadStatusNow({
  readPurchaseStatus,
  proofs,
}: {
  readPurchaseStatus: ReadPurchaseStatus;
  proofs: Pick<AcceptanceProofs, 'read'>;
}): ReadStatusNow {
  return async (shopperId, purchaseId, proof, signal) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(readWithinMs)]);
    return readPurchaseStatus(shopperId, purchaseId, proof, within).catch((thrown: unknown) => {
      if (!(thrown instanceof AppError)) throw thrown;
      if (thrown.code === 'purchase-not-found') return undefined;
      const acceptance = proofs.read(proof, shopperId, purchaseId);
      return acceptance === undefined ? { state: 'unreadable' } : acceptedUnsure(acceptance);
    });
  };
}
