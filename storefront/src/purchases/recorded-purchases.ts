import {
  historyPageSchema,
  notRecordedCodes,
  pageLimitMax,
  purchaseApiPath,
  recordedPurchaseSchema,
  shopperKey,
  spendingSchema,
  type HistoryPage,
  type Purchase,
  type RecordedPurchase,
  type Spending,
} from '@unity-purchase/contracts';
import { AppError, type Invoke } from '@unity-purchase/service-kit';
import { pathWithQuery, type HistoryPeriod } from '../paths.js';
import { callPurchaseService } from './purchase-service-client.js';

/**
 * Reads histories from the purchase-service. Every method throws AppError 503 `history-unavailable` if it is unavailable. Aborting
 * a signal cancels the reading, also in the purchase-service.
 */
export type RecordedPurchases = {
  /** A page of a shopper's history, of one month or year of it, or of a search. @throws AppError 400 for an invalid cursor */
  page: (shopperId: string, query: PageQuery, signal?: AbortSignal) => Promise<HistoryPage>;
  /** A shopper's spending in each of the last months, or of those up to another month. */
  spending: (shopperId: string, until?: string, signal?: AbortSignal) => Promise<Spending>;
  /** One purchase, or why it is not recorded. */
  find: (
    shopperId: string,
    purchaseId: string,
    signal?: AbortSignal,
  ) => Promise<RecordedPurchase | NotRecorded>;
};

/** Selects a page of a history: the newest one without a cursor. */
export type PageQuery = {
  limit?: number | undefined;
  cursor?: string | undefined;
  month?: string | undefined;
  year?: string | undefined;
  /** A search text. */
  q?: string | undefined;
};

/**
 * `unknown`: there is no sign of it; `delayed`: its event is a dead letter; `discarded`: it will not be recorded. `erasedAt` is
 * when the shopper's purchases were last erased. `order` is what the dead letter contains, if it can be read, and `decidedAt` when
 * an operator decided about it.
 */
export type NotRecorded = {
  notRecorded: keyof typeof notRecordedCodes;
  erasedAt?: string | undefined;
  order?: Purchase | undefined;
  decidedAt?: string | undefined;
};

export function createRecordedPurchases(invoke: Invoke): RecordedPurchases {
  // Dapr copies paths into its traces, so they contain the shopper key instead of the id.
  const pathOf = (shopperId: string) => `${purchaseApiPath}/${shopperKey(shopperId)}`;
  return {
    page: async (shopperId, query, signal) => {
      try {
        return await callPurchaseService(invoke, {
          path: pathWithQuery(pathOf(shopperId), query),
          schema: historyPageSchema,
          signal,
          refusals: [400],
          unavailable,
        });
      } catch (thrown) {
        // During a rollout: the query is valid, but an older purchase-service does not know years and searches.
        if (thrown instanceof AppError && thrown.code === 'invalid-request') throw unavailable(thrown);
        throw thrown;
      }
    },
    spending: (shopperId, until, signal) =>
      callPurchaseService(invoke, {
        path: pathWithQuery(`${pathOf(shopperId)}/months`, { until }),
        schema: spendingSchema,
        signal,
        refusals: [],
        unavailable,
      }),
    find: async (shopperId, purchaseId, signal) => {
      try {
        return await callPurchaseService(invoke, {
          path: `${pathOf(shopperId)}/${purchaseId}`,
          schema: recordedPurchaseSchema,
          signal,
          refusals: [404],
          unavailable,
        });
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.status !== 404) throw thrown;
        const notRecorded = reasons.find((reason) => notRecordedCodes[reason] === thrown.code);
        // Another 404 does not come from the purchase-service's history.
        if (notRecorded === undefined) throw unavailable(thrown);
        const { erasedAt, purchase: order, decidedAt } = thrown.details;
        return { notRecorded, erasedAt, order, decidedAt };
      }
    },
  };
}

const reasons = ['unknown', 'delayed', 'discarded'] as const satisfies NotRecorded['notRecorded'][];

function unavailable(cause: Error): AppError {
  return new AppError('history-unavailable', { cause, retryAfterSeconds: 2 });
}

/**
 * All purchases of a shopper, or those recorded in one month or year, newest first. Pages are read one at a time, so memory does not grow with the history. Purchases
 * recorded after the first page was read are not included.
 *
 * @throws AppError like `RecordedPurchases.page`, also after some purchases
 */
export async function* readAllPurchases(
  recordedPurchases: Pick<RecordedPurchases, 'page'>,
  shopperId: string,
  { signal, ...period }: HistoryPeriod & { signal?: AbortSignal } = {},
): AsyncGenerator<RecordedPurchase> {
  let cursor: string | undefined;
  do {
    const page = await recordedPurchases.page(shopperId, { limit: pageLimitMax, cursor, ...period }, signal);
    yield* page.purchases;
    cursor = page.next;
  } while (cursor !== undefined);
}
