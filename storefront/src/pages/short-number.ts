/** How many characters of a purchase number pages show. They are the random ones, and enough for the purchases of one shopper. */
const shownLength = 8;

/** The end of a purchase number, for people. Numbers of the same minute begin alike. */
export function shortNumber(purchaseId: string): string {
  return purchaseId.slice(-shownLength);
}
