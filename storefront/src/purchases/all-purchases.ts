import { pageLimitMax, type RecordedPurchase } from '@unity-purchase/contracts';
import type { RecordedPurchases } from './recorded-purchases.js';

/**
 * All purchases of a shopper, newest first, read a page at a time as they are taken: a history of any length needs the memory of
 * one page. What is bought meanwhile is left out. @throws AppError as `RecordedPurchases.page` does, also in the middle
 */
export async function* allPurchases(
  recordedPurchases: Pick<RecordedPurchases, 'page'>,
  shopperId: string,
): AsyncGenerator<RecordedPurchase> {
  let cursor: string | undefined;
  do {
    const page = await recordedPurchases.page(shopperId, { limit: pageLimitMax, cursor });
    yield* page.purchases;
    cursor = page.next;
  } while (cursor !== undefined);
}
