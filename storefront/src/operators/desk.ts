import {
  activityApiPath,
  activitySchema,
  auditApiPath,
  auditPageSchema,
  deadLetterApiPath,
  deadLetterDetailsSchema,
  deadLetterPageSchema,
  deadLetterSchema,
  journalPageSchema,
  operatorHeader,
  purchaseApiPath,
  purchaseDetailsSchema,
  shopperKey,
  type Activity,
  type AuditPage,
  type DeadLetterDecision,
  type DeadLetterDetails,
  type DeadLetterPage,
  type JournalPage,
  type PurchaseDetails,
  type ProblemCode,
} from '@unity-purchase/contracts';
import { AppError, type Invoke } from '@unity-purchase/service-kit';
import { pathWithQuery } from '../path-with-query.js';
import { askPurchaseService, type Question } from '../purchases/ask-purchase-service.js';

/** A search in all purchases. */
export type PurchaseQuery = {
  shopperId?: string | undefined;
  purchaseId?: string | undefined;
  /** Only purchases that were recorded before this time (ISO 8601). */
  before?: string | undefined;
  cursor?: string | undefined;
};

/**
 * The operators' view of the purchase-service, which writes every action to the audit log before it carries it out. Every
 * method throws AppError: 503 if the purchase-service is unavailable, or the problem with which it refused (400, 404, 409).
 */
export type Desk = {
  purchases: (operator: string, query: PurchaseQuery) => Promise<JournalPage>;
  purchase: (operator: string, shopperId: string, purchaseId: string) => Promise<PurchaseDetails>;
  deadLetters: (operator: string, cursor: string | undefined) => Promise<DeadLetterPage>;
  deadLetter: (operator: string, id: string) => Promise<DeadLetterDetails>;
  decide: (operator: string, id: string, decision: DeadLetterDecision) => Promise<void>;
  auditLog: (operator: string, cursor: string | undefined) => Promise<AuditPage>;
  /** The recent activity and health of one replica of the purchase-service. Reading it is not audited. */
  activity: () => Promise<Activity>;
};

export function createDesk(invoke: Invoke): Desk {
  const ask = <Answer>(
    operator: string | undefined,
    question: Pick<Question<Answer>, 'path' | 'schema' | 'method'>,
    code: ProblemCode = 'desk-unavailable',
  ): Promise<Answer> =>
    askPurchaseService(invoke, {
      ...question,
      ...(operator === undefined ? {} : { headers: { [operatorHeader]: encodeURIComponent(operator) } }),
      refusals: [400, 404, 409],
      unavailable: (cause) => new AppError(code, { cause, retryAfterSeconds: 2 }),
    });
  const deadLettersCode = 'dead-letters-unavailable';
  return {
    purchases: (operator, { shopperId, ...query }) =>
      ask(operator, {
        path: pathWithQuery(purchaseApiPath, {
          // By key: Dapr copies paths into its traces.
          shopper: shopperId === undefined ? undefined : shopperKey(shopperId),
          ...query,
        }),
        schema: journalPageSchema,
      }),
    purchase: (operator, shopperId, purchaseId) =>
      ask(operator, {
        path: `${purchaseApiPath}/${shopperKey(shopperId)}/${purchaseId}/event`,
        schema: purchaseDetailsSchema,
      }),
    deadLetters: (operator, cursor) =>
      ask(
        operator,
        { path: pathWithQuery(deadLetterApiPath, { cursor }), schema: deadLetterPageSchema },
        deadLettersCode,
      ),
    deadLetter: (operator, id) =>
      ask(operator, { path: `${deadLetterApiPath}/${id}`, schema: deadLetterDetailsSchema }, deadLettersCode),
    decide: async (operator, id, decision) => {
      const path = `${deadLetterApiPath}/${id}/${decision}`;
      await ask(operator, { path, schema: deadLetterSchema, method: 'POST' }, deadLettersCode);
    },
    auditLog: (operator, cursor) =>
      ask(operator, { path: pathWithQuery(auditApiPath, { cursor }), schema: auditPageSchema }),
    activity: () => ask(undefined, { path: activityApiPath, schema: activitySchema }),
  };
}
