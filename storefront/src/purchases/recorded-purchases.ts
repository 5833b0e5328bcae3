import {
  historyPageSchema,
  notRecordedCodes,
  purchaseApiPath,
  recordedPurchaseSchema,
  shopperKey,
  spendingSchema,
  type HistoryPage,
  type RecordedPurchase,
  type Spending,
} from '@unity-purchase/contracts';
import { AppError, type Invoke } from '@unity-purchase/service-kit';
import { pathWithQuery } from '../path-with-query.js';
import { askPurchaseService } from './ask-purchase-service.js';

/** What is recorded, as the purchase-service tells it. Every method throws AppError 503 `history-unavailable` if it cannot. */
export type RecordedPurchases = {
  /** A page of the shopper's purchases, or of those of a month. @throws AppError 400 for what the service refuses */
  page: (shopperId: string, query: PageQuery) => Promise<HistoryPage>;
  /** What the shopper's purchases of each of the last months cost. */
  spending: (shopperId: string) => Promise<Spending>;
  /** One purchase, or why it is not recorded. */
  find: (shopperId: string, purchaseId: string) => Promise<RecordedPurchase | NotRecorded>;
};

/** Which page: the newest, unless a cursor says otherwise. */
export type PageQuery = {
  limit?: number | undefined;
  cursor?: string | undefined;
  month?: string | undefined;
};

/** `unknown`: nothing of it came; `delayed`: it could not be recorded yet; `discarded`: it will not be. */
export type NotRecorded = { notRecorded: keyof typeof notRecordedCodes };

export function createRecordedPurchases(invoke: Invoke): RecordedPurchases {
  // By key: the path passes two sidecars, and Dapr copies paths into its traces.
  const pathOf = (shopperId: string) => `${purchaseApiPath}/${shopperKey(shopperId)}`;
  return {
    page: (shopperId, query) =>
      askPurchaseService(invoke, {
        path: pathWithQuery(pathOf(shopperId), query),
        schema: historyPageSchema,
        refusals: [400],
        unavailable,
      }),
    spending: (shopperId) =>
      askPurchaseService(invoke, {
        path: `${pathOf(shopperId)}/months`,
        schema: spendingSchema,
        refusals: [],
        unavailable,
      }),
    find: async (shopperId, purchaseId) => {
      try {
        return await askPurchaseService(invoke, {
          path: `${pathOf(shopperId)}/${purchaseId}`,
          schema: recordedPurchaseSchema,
          refusals: [404],
          unavailable,
        });
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.status !== 404) throw thrown;
        const notRecorded = reasons.find((reason) => notRecordedCodes[reason] === thrown.code);
        // Any other 404 is not the purchase-service speaking of this purchase.
        if (notRecorded === undefined) throw unavailable(thrown);
        return { notRecorded };
      }
    },
  };
}

const reasons = ['unknown', 'delayed', 'discarded'] as const satisfies NotRecorded['notRecorded'][];

function unavailable(cause: Error): AppError {
  return new AppError('history-unavailable', { cause, retryAfterSeconds: 2 });
}
