import {
  historyPageSchema,
  historyQuerySchema,
  journalPageSchema,
  journalQuerySchema,
  monthsDefault,
  monthsMax,
  notRecordedCodes,
  purchaseApiPath,
  purchaseDetailsSchema,
  purchaseIdSchema,
  recordedPurchaseSchema,
  spendingSchema,
  type DeadLetterState,
  type HistoryPage,
  type PurchaseDetails,
  type RecordedPurchase,
  type Spending,
} from '@unity-purchase/contracts';
import { AppError, parsePath, parseQuery, type ApiOperation } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import { periodOfMonth, type Period } from '../purchases/calendar-month.js';
import type { SearchPurchases } from '../purchases/search-purchases.js';
import { audited, auditedOperation, inPath, type Audit, type TargetOf } from './audited.js';
import { commonProblems, pageProblems } from './documented-problems.js';
import { shopperKeyOf, shopperParameter } from './shopper-parameter.js';

type Parts = {
  history: {
    page: (
      shopper: string,
      limit: number,
      cursor: string | undefined,
      period?: Period,
    ) => Promise<HistoryPage>;
    months: (shopper: string, count: number) => Promise<Spending>;
    find: (shopper: string, purchaseId: string) => Promise<RecordedPurchase | undefined>;
    findWithEvent: (shopper: string, purchaseId: string) => Promise<PurchaseDetails | undefined>;
  };
  searchPurchases: SearchPurchases;
  deadLetters: { stateOf: (shopper: string, purchaseId: string) => Promise<DeadLetterState | undefined> };
  audit: Audit;
};

const shopperPath = z.object({ shopper: shopperParameter });
const purchasePath = z.object({ shopper: shopperParameter, purchaseId: purchaseIdSchema });

const monthsQuery = z.strictObject({
  count: z
    .string()
    .regex(/^([1-9]|[12]\d|3[0-6])$/, { error: `must be a number from 1 to ${monthsMax}` })
    .transform(Number)
    .default(monthsDefault),
});

const allPath = purchaseApiPath;
const ofShopperPath = `${purchaseApiPath}/:shopper`;
const monthsPath = `${purchaseApiPath}/:shopper/months`;
const onePath = `${purchaseApiPath}/:shopper/:purchaseId`;
const eventPath = `${onePath}/event`;

const noPurchase = {
  404: `It is not recorded: the code is ${Object.values(notRecordedCodes).join(', ')}.`,
};
const noShopper = { 404: 'This can be no shopper.' };

/** The read API as its document tells it. */
export const purchaseOperations: readonly ApiOperation[] = [
  auditedOperation({
    method: 'GET',
    path: allPath,
    summary:
      'A page of all purchases of all shoppers, newest first; or of those of one, or recorded before a time; or one by its id',
    query: journalQuerySchema,
    answer: { status: 200, description: 'The page', schema: journalPageSchema },
    problems: pageProblems,
  }),
  {
    method: 'GET',
    path: ofShopperPath,
    summary: "A page of one shopper's purchases, of all or of a month, newest first, with the totals of all",
    pathParameters: shopperPath,
    query: historyQuerySchema,
    answer: { status: 200, description: 'The page', schema: historyPageSchema },
    problems: { ...pageProblems, ...noShopper },
  },
  {
    method: 'GET',
    path: monthsPath,
    summary: 'What was recorded of one shopper in each of the last months in UTC, with the one that runs',
    pathParameters: shopperPath,
    query: monthsQuery,
    answer: { status: 200, description: 'The months, oldest first', schema: spendingSchema },
    problems: { 400: 'The query is not valid.', ...commonProblems, ...noShopper },
  },
  {
    method: 'GET',
    path: onePath,
    summary: 'One purchase',
    pathParameters: purchasePath,
    answer: { status: 200, description: 'The purchase', schema: recordedPurchaseSchema },
    problems: { ...noPurchase, ...commonProblems },
  },
  auditedOperation({
    method: 'GET',
    path: eventPath,
    summary: 'One purchase with the event that brought it, as it was delivered',
    pathParameters: purchasePath,
    answer: { status: 200, description: 'The purchase and its event', schema: purchaseDetailsSchema },
    problems: { ...noPurchase, ...commonProblems },
  }),
];

/** What is looked for among all purchases: one by its id, or a shopper's, whom the key names. @throws AppError 400 */
const soughtPurchases: TargetOf = (request) => {
  const { purchaseId, shopper } = parseQuery(journalQuerySchema, request);
  return purchaseId ?? (shopper === undefined ? undefined : shopperKeyOf(shopper));
};

const listOrFind = (sought: string | undefined) =>
  sought === undefined ? 'list-purchases' : 'find-purchase';

/** The read API: one shopper's purchases, one purchase, and all purchases of all shoppers. */
export function purchasesRouter({ history, searchPurchases, deadLetters, audit }: Parts): Router {
  const router = Router();
  router.get(allPath, audited(audit, listOrFind, soughtPurchases), async (request, response) => {
    const { shopper, ...query } = parseQuery(journalQuerySchema, request);
    response.json(await searchPurchases({ ...query, shopper: shopper && shopperKeyOf(shopper) }));
  });
  router.get(ofShopperPath, async (request, response) => {
    const { shopper } = parsePath(shopperPath, request);
    const { limit, cursor, month } = parseQuery(historyQuerySchema, request);
    const period = month === undefined ? undefined : periodOfMonth(month);
    response.json(await history.page(shopper, limit, cursor, period));
  });
  // Before the purchases: "months" names none of them.
  router.get(monthsPath, async (request, response) => {
    const { shopper } = parsePath(shopperPath, request);
    response.json(await history.months(shopper, parseQuery(monthsQuery, request).count));
  });
  router.get(onePath, async (request, response) => {
    const { shopper, purchaseId } = parsePath(purchasePath, request);
    const found = await history.find(shopper, purchaseId);
    if (found === undefined) throw notRecorded(await deadLetters.stateOf(shopper, purchaseId));
    response.json(found);
  });
  router.get(
    eventPath,
    audited(audit, 'read-purchase', inPath(purchasePath, 'purchaseId')),
    async (request, response) => {
      const { shopper, purchaseId } = parsePath(purchasePath, request);
      const found = await history.findWithEvent(shopper, purchaseId);
      if (found === undefined) throw notRecorded(await deadLetters.stateOf(shopper, purchaseId));
      response.json(found);
    },
  );
  return router;
}

/** Not recorded: because it is among the dead letters, or as far as anybody knows it never was. */
function notRecorded(deadLetter: DeadLetterState | undefined): AppError {
  switch (deadLetter) {
    case undefined:
      return new AppError(
        notRecordedCodes.unknown,
        404,
        'No purchase with this id is recorded for this shopper.',
      );
    case 'waiting':
    case 'replayed':
      return new AppError(
        notRecordedCodes.delayed,
        404,
        'This purchase could not be recorded yet; operators know of it.',
      );
    case 'discarded':
      return new AppError(notRecordedCodes.discarded, 404, 'This purchase will not be recorded.');
  }
}
