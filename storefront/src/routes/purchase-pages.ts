import { monthSchema } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import { Router, type Request } from 'express';
import { isSettled, versionOfHistory } from '../live/purchase-news.js';
import { localeOf } from '../middleware/page-locale.js';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import { cursorParameter } from '../pages/cursor-parameter.js';
import { viewSpending } from '../pages/spending-chart.js';
import { paths, purchaseNewsPath, purchasesNewsPath } from '../paths.js';
import { purchaseIdParameter } from './purchase-id-parameter.js';
import type { PurchaseParts } from './purchase-parts.js';

type Parts = Pick<PurchaseParts, 'recordedPurchases' | 'readPurchaseStatus'>;

/** What was bought, and what became of it, as pages. */
export function purchasePagesRouter({ recordedPurchases, readPurchaseStatus }: Parts): Router {
  const router = Router();

  router.get(paths.purchases, requireShopper, async (request, response) => {
    const { id } = shopperOf(response);
    const locale = localeOf(response);
    const cursor = cursorParameter(request, 'There is no such page of your history.');
    const month = monthParameter(request);
    const [page, spending] = await Promise.all([
      recordedPurchases.page(id, { cursor, month }),
      // The chart is an extra: without it the page still says what was bought.
      recordedPurchases.spending(id).catch((thrown: unknown) => {
        if (thrown instanceof AppError) return undefined;
        throw thrown;
      }),
    ]);
    response.render('history', {
      title: locale.texts.history.title,
      page,
      month,
      spending: spending && viewSpending(spending, locale),
      isFirst: cursor === undefined,
      newsPath: purchasesNewsPath(versionOfHistory(page)),
    });
  });

  router.get(paths.purchase, requireShopper, async (request, response) => {
    const { id } = shopperOf(response);
    const purchaseId = purchaseIdParameter(request);
    const { accepted } = request.query;
    const status = await readPurchaseStatus(id, purchaseId, accepted);
    const proof = typeof accepted === 'string' ? accepted : undefined;
    response.status(status.state === 'unknown' ? 404 : 200);
    response.render('purchase', {
      title: localeOf(response).texts.purchase.title,
      purchaseId,
      status,
      newsPath: isSettled(status) ? undefined : purchaseNewsPath(purchaseId, status.state, proof),
    });
  });

  return router;
}

/** @throws AppError 400 for what is no month */
function monthParameter(request: Request): string | undefined {
  const { month } = request.query;
  if (month === undefined) return undefined;
  const parsed = monthSchema.safeParse(month);
  if (!parsed.success) throw new AppError('invalid-cursor', { detail: 'There is no such month.' });
  return parsed.data;
}
