import type { PurchaseLine } from '@unity-purchase/contracts';
import { AppError, clientSignal } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { basketOf } from '../basket/basket-cookie.js';
import type { AcceptedContent, OrderCookie } from '../checkout/order-cookie.js';
import { isSettled, versionOfHistory, versionOfOtherPage } from '../live/live-updates.js';
import { localeOf } from '../middleware/page-locale.js';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import { viewTimeline } from '../pages/purchase-timeline.js';
import {
  lastMonthShown,
  nameOfPeriod,
  totalsOfPeriod,
  viewItems,
  viewSpending,
} from '../pages/history-view.js';
import { paths, purchaseEventsPath, purchasesEventsPath } from '../paths.js';
import type { PurchaseStatus, ReadPurchaseStatus } from '../purchases/purchase-status.js';
import type { RecordedPurchases } from '../purchases/recorded-purchases.js';
import {
  currencyParameter,
  cursorParameter,
  periodParameter,
  purchaseIdParameter,
  searchParameter,
} from './parameters.js';

export type PurchasePagesDependencies = {
  recordedPurchases: Pick<RecordedPurchases, 'page' | 'spending'>;
  readPurchaseStatus: ReadPurchaseStatus;
  orderCookie: Pick<OrderCookie, 'find'>;
  now: () => Date;
};

/** How long the page of a purchase thanks for it. Later it is a receipt. */
const thanksMs = 60 * 60 * 1_000;

/** The HTTP status of the page of a purchase that is not there. */
const statusCodes: Partial<Record<PurchaseStatus['state'], number>> = { unknown: 404, erased: 410 };

/** The history and the pages of purchases. */
export function purchasePagesRouter({
  recordedPurchases,
  readPurchaseStatus,
  orderCookie,
  now,
}: PurchasePagesDependencies): Router {
  const router = Router();

  router.get(paths.purchases, requireShopper, async (request, response) => {
    const { id } = shopperOf(response);
    const locale = localeOf(response);
    const cursor = cursorParameter(request);
    const period = periodParameter(request);
    const currency = currencyParameter(request);
    const search = searchParameter(request);
    const signal = clientSignal(response);
    const [page, spending] = await Promise.all([
      recordedPurchases.page(id, { cursor, ...period, q: search.text }, signal),
      search.text === undefined
        ? // The chart is optional: the page is useful without it.
          recordedPurchases.spending(id, lastMonthShown(period, now()), signal).catch((thrown: unknown) => {
            if (thrown instanceof AppError) return undefined;
            throw thrown;
          })
        : undefined,
    ]);
    const when = nameOfPeriod(period, locale);
    const isNewest = cursor === undefined && when === undefined && search.text === undefined;
    const version = isNewest ? versionOfHistory(page) : versionOfOtherPage(page);
    const preferred = basketOf(response).basket.currency;
    response.render('history', {
      title: when === undefined ? locale.texts.history.title : locale.texts.history.titleIn(when),
      page,
      period,
      when,
      search,
      chosenCurrency: currency,
      totals: totalsOfPeriod(period, page, spending),
      spending: spending && viewSpending(spending, { chosen: currency, preferred }, locale),
      viewItems: (lines: readonly PurchaseLine[]) => viewItems(lines, locale),
      isFirst: cursor === undefined,
      eventsPath: purchasesEventsPath(version),
    });
  });

  router.get(paths.purchase, requireShopper, async (request, response) => {
    const { id } = shopperOf(response);
    const purchaseId = purchaseIdParameter(request);
    const { accepted } = request.query;
    const { language, texts } = localeOf(response);
    const [status, kept] = await Promise.all([
      readPurchaseStatus(id, purchaseId, accepted, clientSignal(response)),
      orderCookie.find(request, response, { shopperId: id, purchaseId, language }),
    ]);
    const proof = typeof accepted === 'string' ? accepted : undefined;
    response.status(statusCodes[status.state] ?? 200);
    response.render('purchase', {
      title: texts.purchase.title,
      purchaseId,
      status,
      order: orderIn(status, kept),
      timeline: viewTimeline(status, timesOf(status, kept), texts),
      isNew:
        proof !== undefined && kept !== undefined && Date.parse(kept.placedAt) > now().getTime() - thanksMs,
      eventsPath: isSettled(status) ? undefined : purchaseEventsPath(purchaseId, status.state, proof),
    });
  });

  return router;
}

/** What the page shows of the order: what is recorded or in its dead letter, or else what this browser ordered. */
function orderIn(status: PurchaseStatus, kept: AcceptedContent | undefined) {
  if ('recorded' in status) return status.recorded.purchase;
  if ('order' in status) return status.order ?? kept;
  return status.state === 'accepted' ? kept : undefined;
}

/** When the order was placed and accepted. If an earlier order is recorded instead, its times are not those of this one. */
function timesOf(status: PurchaseStatus, kept: AcceptedContent | undefined) {
  if (status.state === 'superseded') return undefined;
  if (kept !== undefined) return kept;
  const placedAt = 'order' in status ? status.order?.placedAt : undefined;
  const acceptedAt = undefined;
  if (placedAt !== undefined) return { placedAt, acceptedAt };
  return status.state === 'accepted' && status.placedAt !== undefined
    ? { placedAt: status.placedAt, acceptedAt }
    : undefined;
}
