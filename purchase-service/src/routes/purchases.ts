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
} from '@unity-purchase/contracts';
import { AppError, createApiRouter, route, type ApiRouter } from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { AuditLog } from '../audit/audit-log.js';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import { periodOfMonth } from '../purchases/calendar-month.js';
import type { PurchaseHistory } from '../purchases/purchase-history.js';
import type { SearchPurchases } from '../purchases/search-purchases.js';
import { auditedRoute } from './audited-route.js';
import { commonProblems, pageProblems } from './documented-problems.js';
import { shopperKeyOf, shopperParameter } from './shopper-parameter.js';

type Dependencies = {
  history: Pick<PurchaseHistory, 'page' | 'months' | 'find' | 'findWithEvent'>;
  searchPurchases: SearchPurchases;
  deadLetters: Pick<DeadLetters, 'stateOf'>;
  audit: Pick<AuditLog, 'write'>;
};

const ofShopper = z.object({ shopper: shopperParameter });
const onePurchase = z.object({ shopper: shopperParameter, purchaseId: purchaseIdSchema });

const monthsQuery = z.strictObject({
  count: z
    .string()
    .regex(/^([1-9]|[12]\d|3[0-6])$/, { error: `must be a number from 1 to ${monthsMax}` })
    .transform(Number)
    .default(monthsDefault),
});

const shopperPath = `${purchaseApiPath}/:shopper`;

const noPurchase = {
  404: `It is not recorded: the code is ${Object.values(notRecordedCodes).join(', ')}.`,
};
const noShopper = { 404: 'This can be no shopper.' };

/** The read API: all purchases of all shoppers, one shopper's purchases, and one purchase. */
export function purchasesRouter(dependencies: Dependencies): ApiRouter {
  const { history, searchPurchases, deadLetters, audit } = dependencies;
  const api = createApiRouter();
  auditedRoute(
    api,
    {
      method: 'GET',
      path: purchaseApiPath,
      summary:
        'A page of all purchases of all shoppers, newest first; or of those of one, or recorded before a time; or one by its id',
      query: journalQuerySchema,
      answer: { status: 200, description: 'The page', schema: journalPageSchema },
      problems: pageProblems,
    },
    {
      audit,
      action: (target) => (target === undefined ? 'list-purchases' : 'find-purchase'),
      targetOf: ({ query: { purchaseId, shopper } }) => purchaseId ?? (shopper && shopperKeyOf(shopper)),
    },
    ({ query }) => searchPurchases({ ...query, shopper: query.shopper && shopperKeyOf(query.shopper) }),
  );
  route(
    api,
    {
      method: 'GET',
      path: shopperPath,
      summary:
        "A page of one shopper's purchases, of all or of a month, newest first, with the totals of all",
      pathParameters: ofShopper,
      query: historyQuerySchema,
      answer: { status: 200, description: 'The page', schema: historyPageSchema },
      problems: { ...pageProblems, ...noShopper },
    },
    ({ path: { shopper }, query: { limit, cursor, month } }) =>
      history.page(shopper, limit, cursor, month === undefined ? undefined : periodOfMonth(month)),
  );
  // Before the purchases: "months" is not a purchase id.
  route(
    api,
    {
      method: 'GET',
      path: `${shopperPath}/months`,
      summary: 'What was recorded of one shopper in each of the last months in UTC, with the one that runs',
      pathParameters: ofShopper,
      query: monthsQuery,
      answer: { status: 200, description: 'The months, oldest first', schema: spendingSchema },
      problems: { 400: 'The query is not valid.', ...commonProblems, ...noShopper },
    },
    ({ path: { shopper }, query: { count } }) => history.months(shopper, count),
  );
  route(
    api,
    {
      method: 'GET',
      path: `${shopperPath}/:purchaseId`,
      summary: 'One purchase',
      pathParameters: onePurchase,
      answer: { status: 200, description: 'The purchase', schema: recordedPurchaseSchema },
      problems: { ...noPurchase, ...commonProblems },
    },
    async ({ path: { shopper, purchaseId } }) => {
      const found = await history.find(shopper, purchaseId);
      return found ?? throwNotRecorded(await deadLetters.stateOf(shopper, purchaseId));
    },
  );
  auditedRoute(
    api,
    {
      method: 'GET',
      path: `${shopperPath}/:purchaseId/event`,
      summary: 'One purchase with the event that brought it, as it was delivered',
      pathParameters: onePurchase,
      answer: { status: 200, description: 'The purchase and its event', schema: purchaseDetailsSchema },
      problems: { ...noPurchase, ...commonProblems },
    },
    { audit, action: 'read-purchase', targetOf: ({ path }) => path.purchaseId },
    async ({ path: { shopper, purchaseId } }) => {
      const found = await history.findWithEvent(shopper, purchaseId);
      return found ?? throwNotRecorded(await deadLetters.stateOf(shopper, purchaseId));
    },
  );
  return api;
}

/** @throws AppError 404 with a code that says why the purchase is not recorded */
function throwNotRecorded(deadLetter: DeadLetterState | undefined): never {
  switch (deadLetter) {
    case undefined:
      throw new AppError(
        notRecordedCodes.unknown,
        404,
        'No purchase with this id is recorded for this shopper.',
      );
    case 'waiting':
    case 'replayed':
      throw new AppError(
        notRecordedCodes.delayed,
        404,
        'This purchase could not be recorded yet; operators know of it.',
      );
    case 'discarded':
      throw new AppError(notRecordedCodes.discarded, 404, 'This purchase will not be recorded.');
  }
}
