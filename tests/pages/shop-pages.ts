import type { DemandingRecords } from './demanding-records.js';
import { cataloguePages } from './list/catalogue-pages.js';
import { checkoutPages } from './list/checkout-pages.js';
import { deskPages } from './list/desk-pages.js';
import { historyPages } from './list/history-pages.js';
import type { ShopPage } from './shop-page.js';

/**
 * Every page of the shop, in every state that looks different. Tests and screenshots visit all of them, so a new page needs only a
 * line in one of these lists. A test fails if a route with a page is missing.
 */
export function pagesOf(records: DemandingRecords): ShopPage[] {
  return [...cataloguePages(records), ...checkoutPages(), ...historyPages(records), ...deskPages(records)];
}
