import { purchaseNumberShownLength } from '@unity-purchase/contracts';

/** The beginning of a purchase number, for people. Searches find the purchase by it. */
export function shortNumber(purchaseId: string): string {
  return purchaseId.slice(0, purchaseNumberShownLength);
}
