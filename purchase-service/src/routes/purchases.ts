import {
  historyPageSchema,
  historyQuerySchema,
  journalPageSchema,
  journalQuerySchema,
  monthSchema,
  monthsDefault,
  monthsMax,
  notRecordedCodes,
  purchaseApiPath,
  purchaseDetailsSchema,
  purchaseIdSchema,
  recordedPurchaseSchema,
  spendingSchema,
  type DeadLetterState,
  type HistoryQuery,
  type ProblemCode,
} from '@unity-purchase/contracts';
import { AppError, createApiRouter, type ApiRouter } from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { AuditLog } from '../audit/audit-log.js';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import { periodOfMonth, periodOfYear, type Period } from '../purchases/calendar.js';
import type { PurchaseHistory } from '../purchases/purchase-history.js';
import type { SearchPurchases } from '../purchases/search-purchases.js';
import type { Erasures } from '../shoppers/erasures.js';
import { auditedRoute } from './audited-route.js';
import { commonProblems, pageProblems } from './common-problems.js';
import { shopperKeyOf, shopperParameter } from './shopper-parameter.js';

type Dependencies = {
  history: Pick<PurchaseHistory, 'page' | 'search' | 'months' | 'find' | 'findWithEvent'>;
  searchPurchases: SearchPurchases;
  deadLetters: Pick<DeadLetters, 'ofPurchase'>;
  erasures: Pick<Erasures, 'erasedAt'>;
  audit: Pick<AuditLog, 'write'>;
};

const ofShopper = z.object({ shopper: shopperParameter });
const onePurchase = z.object({ shopper: shopperParameter, purchaseId: purchaseIdSchema });

/** Long before the first purchase of any shop. */
const firstMonth = '2000-01';

const monthsQuery = z.strictObject({
  count: z
    .string()
    .regex(/^([1-9]|[12]\d|3[0-6])$/, { error: `must be a number from 1 to ${monthsMax}` })
    .transform(Number)
    .default(monthsDefault),
  until: monthSchema
    .refine((month) => month >= firstMonth, { error: `must not be before ${firstMonth}` })
    .optional(),
});

/** Of the operations that the storefront also calls for its shoppers. */
const callers = 'shoppers and operators';

const shopperPath = `${purchaseApiPath}/:shopper`;

const purchaseProblems: readonly ProblemCode[] = [
  'not-found',
  ...Object.values(notRecordedCodes),
  ...commonProblems,
];

/** The read API: all purchases of all shoppers, the purchases of one shopper, and one purchase. */
export function purchasesRouter(dependencies: Dependencies): ApiRouter {
  const { history, searchPurchases, audit } = dependencies;
  const api = createApiRouter();
  auditedRoute(
    api,
    {
      method: 'GET',
      path: purchaseApiPath,
      summary:
        'A page of all purchases, newest first; optionally those of one shopper, those recorded before a time, or one purchase by its id',
      query: journalQuerySchema,
      answer: { status: 200, description: 'The page', schema: journalPageSchema },
      problems: [...pageProblems, 'shopper-wanted'],
    },
    {
      audit,
      action: (target) => (target === undefined ? 'list-purchases' : 'find-purchase'),
      targetOf: ({ query: { purchaseId, shopper } }) => purchaseId ?? (shopper && shopperKeyOf(shopper)),
    },
    ({ query, signal }) =>
      searchPurchases({ ...query, shopper: query.shopper && shopperKeyOf(query.shopper) }, signal),
  );
  auditedRoute(
    api,
    {
      method: 'GET',
      path: shopperPath,
      summary:
        "A page of one shopper's purchases, newest first, optionally of one month or year, or of those that match a search, with the totals of the whole history",
      pathParameters: ofShopper,
      query: historyQuerySchema,
      answer: { status: 200, description: 'The page', schema: historyPageSchema },
      problems: ['not-found', ...pageProblems],
    },
    { audit, callers, action: 'find-purchase', targetOf: ({ path }) => path.shopper },
    ({ path: { shopper }, query: { limit, cursor, q, ...calendar }, signal }) => {
      const period = periodOf(calendar);
      return q === undefined
        ? history.page(shopper, limit, cursor, period)
        : history.search(shopper, q, { limit, cursor, period, signal });
    },
  );
  // Before the purchases: "months" is not a purchase id.
  auditedRoute(
    api,
    {
      method: 'GET',
      path: `${shopperPath}/months`,
      summary:
        'The totals of one shopper in each of the months in UTC up to the current or another month, and in each of the last years with a purchase',
      pathParameters: ofShopper,
      query: monthsQuery,
      answer: { status: 200, description: 'The months, oldest first', schema: spendingSchema },
      problems: ['not-found', 'invalid-request', ...commonProblems],
    },
    { audit, callers, action: 'find-purchase', targetOf: ({ path }) => path.shopper },
    ({ path: { shopper }, query: { count, until } }) =>
      history.months(shopper, count, until === undefined ? undefined : new Date(`${until}-01T00:00:00Z`)),
  );
  auditedRoute(
    api,
    {
      method: 'GET',
      path: `${shopperPath}/:purchaseId`,
      summary: 'One purchase',
      pathParameters: onePurchase,
      answer: { status: 200, description: 'The purchase', schema: recordedPurchaseSchema },
      problems: purchaseProblems,
    },
    { audit, callers, action: 'read-purchase', targetOf: ({ path }) => path.purchaseId },
    async ({ path: { shopper, purchaseId }, signal }) => {
      const found = await history.find(shopper, purchaseId, signal);
      if (found === undefined) throw await notRecorded(dependencies, shopper, purchaseId);
      return found;
    },
  );
  auditedRoute(
    api,
    {
      method: 'GET',
      path: `${shopperPath}/:purchaseId/event`,
      summary: 'One purchase with its event as it was delivered',
      pathParameters: onePurchase,
      answer: { status: 200, description: 'The purchase and its event', schema: purchaseDetailsSchema },
      problems: purchaseProblems,
    },
    { audit, action: 'read-purchase', targetOf: ({ path }) => path.purchaseId },
    async ({ path: { shopper, purchaseId }, signal }) => {
      const found = await history.findWithEvent(shopper, purchaseId, signal);
      if (found === undefined) throw await notRecorded(dependencies, shopper, purchaseId);
      return found;
    },
  );
  return api;
}

/** The period of a month or a year, or undefined for all of the time. */
function periodOf({ month, year }: Pick<HistoryQuery, 'month' | 'year'>): Period | undefined {
  if (month !== undefined) return periodOfMonth(month);
  return year === undefined ? undefined : periodOfYear(year);
}

const notRecordedReasons = {
  waiting: notRecordedCodes.delayed,
  replayed: notRecordedCodes.delayed,
  discarded: notRecordedCodes.discarded,
} as const satisfies Record<DeadLetterState, ProblemCode>;

/** Why a purchase is not recorded: its event is a dead letter, or nothing is known about it except an erasure of the shopper. */
async function notRecorded(
  { deadLetters, erasures }: Pick<Dependencies, 'deadLetters' | 'erasures'>,
  shopper: string,
  purchaseId: string,
): Promise<AppError> {
  const letter = await deadLetters.ofPurchase(shopper, purchaseId);
  if (letter !== undefined) {
    const { state, ...details } = letter;
    return new AppError(notRecordedReasons[state], { details });
  }
  const erasedAt = await erasures.erasedAt(shopper);
  return new AppError(notRecordedCodes.unknown, erasedAt === undefined ? {} : { details: { erasedAt } });
}
