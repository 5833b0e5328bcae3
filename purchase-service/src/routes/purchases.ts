import {
  historyPageSchema,
  journalPageSchema,
  notRecordedCodes,
  pageQuerySchema,
  purchaseApiPath,
  purchaseIdSchema,
  recordedPurchaseSchema,
  type DeadLetterState,
  type HistoryPage,
  type JournalPage,
  type RecordedPurchase,
} from '@unity-purchase/contracts';
import { AppError, parsePath, parseQuery, type ApiOperation } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import { commonProblems, pageProblems } from './documented-problems.js';
import { shopperParameter } from './shopper-parameter.js';

type Parts = {
  history: {
    page: (shopper: string, limit: number, cursor: string | undefined) => Promise<HistoryPage>;
    find: (shopper: string, purchaseId: string) => Promise<RecordedPurchase | undefined>;
  };
  journal: { page: (limit: number, cursor: string | undefined) => Promise<JournalPage> };
  deadLetters: { stateOf: (shopper: string, purchaseId: string) => Promise<DeadLetterState | undefined> };
};

const shopperPath = z.object({ shopper: shopperParameter });
const purchasePath = z.object({ shopper: shopperParameter, purchaseId: purchaseIdSchema });

const allPath = purchaseApiPath;
const ofShopperPath = `${purchaseApiPath}/:shopper`;
const onePath = `${purchaseApiPath}/:shopper/:purchaseId`;

/** The read API as its document tells it. */
export const purchaseOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: allPath,
    summary: 'A page of all purchases of all shoppers, newest first',
    query: pageQuerySchema,
    answer: { status: 200, description: 'The page', schema: journalPageSchema },
    problems: pageProblems,
  },
  {
    method: 'GET',
    path: ofShopperPath,
    summary: "A page of one shopper's purchases, newest first, with totals",
    pathParameters: shopperPath,
    query: pageQuerySchema,
    answer: { status: 200, description: 'The page', schema: historyPageSchema },
    problems: { ...pageProblems, 404: 'This can be no shopper.' },
  },
  {
    method: 'GET',
    path: onePath,
    summary: 'One purchase',
    pathParameters: purchasePath,
    answer: { status: 200, description: 'The purchase', schema: recordedPurchaseSchema },
    problems: {
      404: `It is not recorded: the code is ${Object.values(notRecordedCodes).join(', ')}.`,
      ...commonProblems,
    },
  },
];

/** The read API: one shopper's purchases, one purchase, and all purchases of all shoppers. */
export function purchasesRouter({ history, journal, deadLetters }: Parts): Router {
  const router = Router();
  router.get(allPath, async (request, response) => {
    const { limit, cursor } = parseQuery(pageQuerySchema, request);
    response.json(await journal.page(limit, cursor));
  });
  router.get(ofShopperPath, async (request, response) => {
    const { shopper } = parsePath(shopperPath, request);
    const { limit, cursor } = parseQuery(pageQuerySchema, request);
    response.json(await history.page(shopper, limit, cursor));
  });
  router.get(onePath, async (request, response) => {
    const { shopper, purchaseId } = parsePath(purchasePath, request);
    const found = await history.find(shopper, purchaseId);
    if (found === undefined) throw notRecorded(await deadLetters.stateOf(shopper, purchaseId));
    response.json(found);
  });
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
