import { AppError, clientSignal } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { isSettled, versionOfHistory } from '../live/live-updates.js';
import { localeOf } from '../middleware/page-locale.js';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import { viewSpending } from '../pages/spending-chart.js';
import { paths, purchaseEventsPath, purchasesEventsPath } from '../paths.js';
import type { PurchaseStatus, ReadPurchaseStatus } from '../purchases/purchase-status.js';
import type { RecordedPurchases } from '../purchases/recorded-purchases.js';
import { cursorParameter, monthParameter, purchaseIdParameter } from './parameters.js';

export type PurchasePagesDependencies = {
  recordedPurchases: Pick<RecordedPurchases, 'page' | 'spending'>;
  readPurchaseStatus: ReadPurchaseStatus;
};

/** The HTTP status of the page of a purchase that is not there. */
const statusCodes: Partial<Record<PurchaseStatus['state'], number>> = { unknown: 404, erased: 410 };

/** The history and the pages of purchases. */
export function purchasePagesRouter({
  recordedPurchases,
  readPurchaseStatus,
}: PurchasePagesDependencies): Router {
  const router = Router();

  router.get(paths.purchases, requireShopper, async (request, response) => {
    const { id } = shopperOf(response);
    const locale = localeOf(response);
    const cursor = cursorParameter(request);
    const month = monthParameter(request);
    const signal = clientSignal(response);
    const [page, spending] = await Promise.all([
      recordedPurchases.page(id, { cursor, month }, signal),
      // The chart is optional: the page is useful without it.
      recordedPurchases.spending(id, signal).catch((thrown: unknown) => {
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
      eventsPath: purchasesEventsPath(versionOfHistory(page)),
    });
  });

  router.get(paths.purchase, requireShopper, async (request, response) => {
    const { id } = shopperOf(response);
    const purchaseId = purchaseIdParameter(request);
    const { accepted } = request.query;
    const status = await readPurchaseStatus(id, purchaseId, accepted, clientSignal(response));
    const proof = typeof accepted === 'string' ? accepted : undefined;
    response.status(statusCodes[status.state] ?? 200);
    response.render('purchase', {
      title: localeOf(response).texts.purchase.title,
      purchaseId,
      status,
      eventsPath: isSettled(status) ? undefined : purchaseEventsPath(purchaseId, status.state, proof),
    });
  });

  return router;
}
