import {
  appIds,
  historyPageSchema,
  notRecordedCodes,
  problemDetailsSchema,
  purchaseApiPath,
  recordedPurchaseSchema,
  shopperKey,
  spendingSchema,
  type HistoryPage,
  type RecordedPurchase,
  type Spending,
} from '@unity-purchase/contracts';
import { AppError, DaprError, type Invocation, type Invoke } from '@unity-purchase/service-kit';

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
  const ask = async (path: string): Promise<Invocation> => {
    try {
      return await invoke(appIds.purchaseService, path);
    } catch (thrown) {
      if (thrown instanceof DaprError) throw unavailable(thrown);
      throw thrown;
    }
  };
  return {
    page: async (shopperId, asked) => {
      const given = Object.entries(asked).filter(([, value]) => value !== undefined);
      const query = new URLSearchParams(
        given.map(([name, value]): [string, string] => [name, String(value)]),
      );
      const { status, body } = await ask(`${pathOf(shopperId)}?${query.toString()}`);
      if (status === 400) throw refused(body);
      const page = historyPageSchema.safeParse(body);
      if (status !== 200 || !page.success)
        throw unavailable(new Error(`the purchase-service answered ${status}`));
      return page.data;
    },
    spending: async (shopperId) => {
      const { status, body } = await ask(`${pathOf(shopperId)}/months`);
      const spending = spendingSchema.safeParse(body);
      if (status !== 200 || !spending.success)
        throw unavailable(new Error(`the purchase-service answered ${status}`));
      return spending.data;
    },
    find: async (shopperId, purchaseId) => {
      const { status, body } = await ask(`${pathOf(shopperId)}/${purchaseId}`);
      // Any other 404 is not the purchase-service speaking of this purchase.
      const notRecorded = status === 404 ? notRecordedFrom(body) : undefined;
      if (notRecorded !== undefined) return { notRecorded };
      const found = recordedPurchaseSchema.safeParse(body);
      if (status !== 200 || !found.success)
        throw unavailable(new Error(`the purchase-service answered ${status}`));
      return found.data;
    },
  };
}

const reasons = ['unknown', 'delayed', 'discarded'] as const satisfies NotRecorded['notRecorded'][];

function notRecordedFrom(body: unknown): NotRecorded['notRecorded'] | undefined {
  const code = problemDetailsSchema.safeParse(body).data?.code;
  return reasons.find((reason) => notRecordedCodes[reason] === code);
}

function unavailable(cause: Error): AppError {
  return new AppError('history-unavailable', 503, 'Your history is unavailable right now.', {
    cause,
    retryAfterSeconds: 2,
  });
}

function refused(body: unknown): AppError {
  const problem = problemDetailsSchema.safeParse(body);
  if (!problem.success) return unavailable(new Error('the purchase-service answered 400 without a reason'));
  const { code, detail = '', errors = [] } = problem.data;
  return new AppError(code, 400, detail, { problems: errors });
}
