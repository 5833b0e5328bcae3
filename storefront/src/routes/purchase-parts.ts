import type { Catalogue } from '../catalogue/catalogue.js';
import type { AcceptanceProofs } from '../purchases/acceptance-proof.js';
import type { PlacePurchase } from '../purchases/place-purchase.js';
import type { ReadPurchaseStatus } from '../purchases/purchase-status.js';
import type { RecordedPurchases } from '../purchases/recorded-purchases.js';

/** What buying, and asking what became of it, needs: the same for pages and for the API. */
export type PurchaseParts = {
  catalogue: Catalogue;
  placePurchase: PlacePurchase;
  recordedPurchases: RecordedPurchases;
  readPurchaseStatus: ReadPurchaseStatus;
  proofs: AcceptanceProofs;
  newPurchaseId: () => string;
  now: () => Date;
};
