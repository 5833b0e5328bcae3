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
  purchaseSearchApiPath,
  purchaseSearchResultSchema,
  shopperKey,
  shopperKeyPattern,
  type Activity,
  type AuditKind,
  type AuditPage,
  type DeadLetter,
  type DeadLetterDetails,
  type DeadLetterList,
  type DeadLetterPage,
  type DeadLetterReason,
  type DeadLetterReplays,
  type JournalPage,
  type PurchaseDetails,
  type PurchaseSearch,
  type PurchaseSearchResult,
  type ProblemCode,
} from '@unity-purchase/contracts';
import { AppError, type Invoke } from '@unity-purchase/service-kit';
import { pathWithQuery } from '../paths.js';
import { callPurchaseService, type ServiceRequest } from '../purchases/purchase-service-client.js';

/** A search in all purchases. */
export type PurchaseQuery = {
  /** The shopper's id or key. */
  shopperId?: string | undefined;
  purchaseId?: string | undefined;
  limit?: number | undefined;
  /** Only purchases that were recorded before this time (ISO 8601). */
  before?: string | undefined;
  cursor?: string | undefined;
};

/** A page of the audit log's entries of one kind. */
export type AuditQuery = { kind: AuditKind; cursor: string | undefined };
/** Which dead letters a request is about: those with a reason, and those that arrived in a period (ISO 8601). */
export type DeadLetterFilter = {
  reason?: DeadLetterReason | undefined;
  from?: string | undefined;
  before?: string | undefined;
};

/** A page of dead letters. `isWhole` is false if the purchase-service is an earlier version, which cannot filter. */
export type FilteredDeadLetters = DeadLetterPage & { isWhole: boolean };

/** Replaying some dead letters may take two seconds, and the broker five more to acknowledge the last one. */
const replaysDeadlineMs = 10_000;

/** The operator who asks. Aborting the signal cancels what they asked for; decisions do not have one. */
export type DeskCaller = { operator: string; signal?: AbortSignal };

/**
 * The operators' view of the purchase-service, which writes every action to the audit log before it carries it out. Every
 * method throws AppError: 503 if the purchase-service is unavailable, or the problem with which it refused (400, 404, 409).
 */
export type Desk = {
  purchases: (caller: DeskCaller, query: PurchaseQuery) => Promise<JournalPage>;
  purchase: (caller: DeskCaller, shopperId: string, purchaseId: string) => Promise<PurchaseDetails>;
  /** Searches purchases by name or by the start of their number; undefined if the purchase-service is too old for it. */
  search: (caller: DeskCaller, search: PurchaseSearch) => Promise<PurchaseSearchResult | undefined>;
  deadLetters: (
    caller: DeskCaller,
    query: DeadLetterFilter & { list: DeadLetterList; cursor?: string | undefined },
  ) => Promise<FilteredDeadLetters>;
  deadLetter: (caller: DeskCaller, id: string) => Promise<DeadLetterDetails>;
  /** Replays some of the dead letters that wait, from a cursor on. */
  replayWaiting: (
    caller: DeskCaller,
    query: DeadLetterFilter & { cursor?: string | undefined },
  ) => Promise<DeadLetterReplays>;
  replay: (caller: DeskCaller, id: string) => Promise<void>;
  discard: (caller: DeskCaller, id: string, reason: string) => Promise<void>;
  /** A page of the audit log: decisions or views. It can be short or empty and have older entries. */
  auditLog: (caller: DeskCaller, query: AuditQuery) => Promise<AuditPage>;
  /** The recent activity and health of one replica of the purchase-service. Reading it is not audited. */
  activity: () => Promise<Activity>;
};

export function createDesk(invoke: Invoke): Desk {
  const call = <Answer>(
    caller: DeskCaller | undefined,
    request: Pick<ServiceRequest<Answer>, 'path' | 'schema' | 'method' | 'body' | 'deadlineMs'>,
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
  const listOf = (caller: DeskCaller, query: Readonly<Record<string, string | undefined>>) =>
    call(
      caller,
      { path: pathWithQuery(deadLetterApiPath, query), schema: deadLetterPageSchema },
      deadLettersCode,
    );
  const decide = async (caller: DeskCaller, path: string, body?: object) => {
    await call(
      caller,
      { path, schema: deadLetterSchema, method: 'POST', body, deadlineMs: replaysDeadlineMs },
      deadLettersCode,
    );
  };
  return {
    purchases: (caller, { shopperId, ...query }) =>
      call(caller, {
        path: pathWithQuery(purchaseApiPath, {
          // Dapr copies paths into its traces, so they contain the shopper key instead of the id.
          shopper: shopperId && (shopperKeyPattern.test(shopperId) ? shopperId : shopperKey(shopperId)),
          ...query,
        }),
        schema: journalPageSchema,
      }),
    purchase: (caller, shopperId, purchaseId) =>
      call(caller, {
        path: `${purchaseApiPath}/${shopperKey(shopperId)}/${purchaseId}/event`,
        schema: purchaseDetailsSchema,
      }),
    search: async (caller, search) => {
      try {
        return await call(caller, {
          path: purchaseSearchApiPath,
          schema: purchaseSearchResultSchema,
          method: 'POST',
          body: search,
        });
      } catch (thrown) {
        if (thrown instanceof AppError && thrown.code === 'not-found') return undefined;
        throw thrown;
      }
    },
    deadLetters: async (caller, query) => {
      try {
        return { ...(await listOf(caller, query)), isWhole: true };
      } catch (thrown) {
        // Version 0.1.0 refuses the filter, and may still run during a rollout.
        if (!(thrown instanceof AppError) || thrown.code !== 'invalid-request') throw thrown;
        const page = await listOf(caller, { cursor: query.cursor });
        return {
          ...page,
          deadLetters: page.deadLetters.filter((letter) => isMeant(letter, query)),
          isWhole: false,
        };
      }
    },
    deadLetter: (caller, id) =>
      call(caller, { path: `${deadLetterApiPath}/${id}`, schema: deadLetterDetailsSchema }, deadLettersCode),
    replayWaiting: (caller, query) =>
      call(
        caller,
        {
          path: pathWithQuery(deadLetterReplayApiPath, query),
          schema: deadLetterReplaysSchema,
          method: 'POST',
          deadlineMs: replaysDeadlineMs,
        },
        deadLettersCode,
      ),
    replay: (caller, id) => decide(caller, `${deadLetterApiPath}/${id}/replay`),
    discard: (caller, id, reason) => decide(caller, `${deadLetterApiPath}/${id}/discard`, { reason }),
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

/** Whether a query means a dead letter, as far as version 0.1.0 describes it. */
function isMeant(
  { state, recordedAt, reason, arrivedAt }: DeadLetter,
  query: DeadLetterFilter & { list: DeadLetterList },
): boolean {
  const arrivedMs = Date.parse(arrivedAt);
  return (
    query.list === (recordedAt === undefined ? state : 'recorded') &&
    (query.reason === undefined || query.reason === reason) &&
    (query.from === undefined || arrivedMs >= Date.parse(query.from)) &&
    (query.before === undefined || arrivedMs < Date.parse(query.before))
  );
}
