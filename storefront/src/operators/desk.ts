import {
  activityApiPath,
  activitySchema,
  auditApiPath,
  auditKindOf,
  auditPageSchema,
  deadLetterApiPath,
  deadLetterReplayApiPath,
  deadLetterDetailsSchema,
  deadLetterPageSchema,
  deadLetterReplaysSchema,
  deadLetterSchema,
  journalPageSchema,
  operatorHeader,
  purchaseApiPath,
  purchaseDetailsSchema,
  shopperKey,
  type Activity,
  type AuditKind,
  type AuditPage,
  type DeadLetterDecision,
  type DeadLetterDetails,
  type DeadLetterPage,
  type DeadLetterReplays,
  type JournalPage,
  type PurchaseDetails,
  type ProblemCode,
} from '@unity-purchase/contracts';
import { AppError, type Invoke } from '@unity-purchase/service-kit';
import { pathWithQuery } from '../paths.js';
import { callPurchaseService, type ServiceRequest } from '../purchases/purchase-service-client.js';

/** A search in all purchases. */
export type PurchaseQuery = {
  shopperId?: string | undefined;
  purchaseId?: string | undefined;
  /** Only purchases that were recorded before this time (ISO 8601). */
  before?: string | undefined;
  cursor?: string | undefined;
};

/** A page of the audit log's entries of one kind. */
export type AuditQuery = { kind: AuditKind; cursor: string | undefined };

/** The operator who asks. Aborting the signal cancels what they asked for; decisions do not have one. */
export type DeskCaller = { operator: string; signal?: AbortSignal };

/**
 * The operators' view of the purchase-service, which writes every action to the audit log before it carries it out. Every
 * method throws AppError: 503 if the purchase-service is unavailable, or the problem with which it refused (400, 404, 409).
 */
export type Desk = {
  purchases: (caller: DeskCaller, query: PurchaseQuery) => Promise<JournalPage>;
  purchase: (caller: DeskCaller, shopperId: string, purchaseId: string) => Promise<PurchaseDetails>;
  deadLetters: (caller: DeskCaller, cursor: string | undefined) => Promise<DeadLetterPage>;
  deadLetter: (caller: DeskCaller, id: string) => Promise<DeadLetterDetails>;
  /** Replays some of the dead letters that wait, from a cursor on. */
  replayWaiting: (caller: DeskCaller, cursor: string | undefined) => Promise<DeadLetterReplays>;
  decide: (caller: DeskCaller, id: string, decision: DeadLetterDecision) => Promise<void>;
  /** A page of the audit log: decisions or views. It can be short or empty and have older entries. */
  auditLog: (caller: DeskCaller, query: AuditQuery) => Promise<AuditPage>;
  /** The recent activity and health of one replica of the purchase-service. Reading it is not audited. */
  activity: () => Promise<Activity>;
};

export function createDesk(invoke: Invoke): Desk {
  const call = <Answer>(
    caller: DeskCaller | undefined,
    request: Pick<ServiceRequest<Answer>, 'path' | 'schema' | 'method'>,
    code: ProblemCode = 'desk-unavailable',
  ): Promise<Answer> =>
    callPurchaseService(invoke, {
      ...request,
      headers: caller && { [operatorHeader]: encodeURIComponent(caller.operator) },
      signal: caller?.signal,
      refusals: [400, 404, 409],
      unavailable: (cause) => new AppError(code, { cause, retryAfterSeconds: 2 }),
    });
  const deadLettersCode = 'dead-letters-unavailable';
  return {
    purchases: (caller, { shopperId, ...query }) =>
      call(caller, {
        path: pathWithQuery(purchaseApiPath, {
          // Dapr copies paths into its traces, so they contain the shopper key instead of the id.
          shopper: shopperId === undefined ? undefined : shopperKey(shopperId),
          ...query,
        }),
        schema: journalPageSchema,
      }),
    purchase: (caller, shopperId, purchaseId) =>
      call(caller, {
        path: `${purchaseApiPath}/${shopperKey(shopperId)}/${purchaseId}/event`,
        schema: purchaseDetailsSchema,
      }),
    deadLetters: (caller, cursor) =>
      call(
        caller,
        { path: pathWithQuery(deadLetterApiPath, { cursor }), schema: deadLetterPageSchema },
        deadLettersCode,
      ),
    deadLetter: (caller, id) =>
      call(caller, { path: `${deadLetterApiPath}/${id}`, schema: deadLetterDetailsSchema }, deadLettersCode),
    replayWaiting: (caller, cursor) =>
      call(
        caller,
        {
          path: pathWithQuery(deadLetterReplayApiPath, { cursor }),
          schema: deadLetterReplaysSchema,
          method: 'POST',
        },
        deadLettersCode,
      ),
    decide: async (caller, id, decision) => {
      const path = `${deadLetterApiPath}/${id}/${decision}`;
      await call(caller, { path, schema: deadLetterSchema, method: 'POST' }, deadLettersCode);
    },
    auditLog: async (caller, { kind, cursor }) => {
      const page = (query: Partial<AuditQuery>) =>
        call(caller, { path: pathWithQuery(auditApiPath, query), schema: auditPageSchema });
      try {
        return await page({ kind, cursor });
      } catch (thrown) {
        // Until version 0.1.0, which answers during an update, the log has no pages of one kind.
        if (!(thrown instanceof AppError) || thrown.code !== 'invalid-request') throw thrown;
        const { entries, ...rest } = await page({ cursor });
        return { ...rest, entries: entries.filter((entry) => auditKindOf(entry) === kind) };
      }
    },
    activity: () => call(undefined, { path: activityApiPath, schema: activitySchema }),
  };
}
