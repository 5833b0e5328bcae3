import {
  pageLimitDefault,
  pageLimitMax,
  purchaseApiPath,
  purchaseIdSchema,
  shopperIdSchema,
  shopperKey,
  shopperKeyPattern,
  type HistoryPage,
  type JournalPage,
  type RecordedPurchase,
} from '@unity-purchase/contracts';
import { AppError, parsePath, parseQuery } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { z } from 'zod';

type Parts = {
  history: {
    page: (shopper: string, limit: number, cursor: string | undefined) => Promise<HistoryPage>;
    find: (shopper: string, purchaseId: string) => Promise<RecordedPurchase | undefined>;
  };
  journal: { page: (limit: number, cursor: string | undefined) => Promise<JournalPage> };
};

const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, { error: `must be a number from 1 to ${pageLimitMax}` })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= pageLimitMax, {
      error: `must be a number from 1 to ${pageLimitMax}`,
    })
    .default(pageLimitDefault),
  cursor: z.string().max(1000).optional(),
});

/**
 * A shopper in a path, by id or by key. Callers whose requests pass sidecars use the key: Dapr copies paths into traces.
 */
const shopperParameter = shopperIdSchema.transform((text) =>
  shopperKeyPattern.test(text) ? text : shopperKey(text),
);
const shopperPath = z.object({ shopper: shopperParameter });
const purchasePath = z.object({ shopper: shopperParameter, purchaseId: purchaseIdSchema });

/** The read API: one shopper's purchases, one purchase, and all purchases of all shoppers. */
export function purchasesRouter({ history, journal }: Parts): Router {
  const router = Router();
  router.get(purchaseApiPath, async (request, response) => {
    const { limit, cursor } = parseQuery(pageQuery, request);
    response.json(await journal.page(limit, cursor));
  });
  router.get(`${purchaseApiPath}/:shopper`, async (request, response) => {
    const { shopper } = parsePath(shopperPath, request);
    const { limit, cursor } = parseQuery(pageQuery, request);
    response.json(await history.page(shopper, limit, cursor));
  });
  router.get(`${purchaseApiPath}/:shopper/:purchaseId`, async (request, response) => {
    const { shopper, purchaseId } = parsePath(purchasePath, request);
    const found = await history.find(shopper, purchaseId);
    if (found === undefined)
      throw new AppError(
        'purchase-not-recorded',
        404,
        'No purchase with this id is recorded for this shopper.',
      );
    response.json(found);
  });
  return router;
}
