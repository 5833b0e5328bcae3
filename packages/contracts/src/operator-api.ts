import { z } from 'zod';
import { pageQuerySchema } from './purchase-api.js';
import { visibleLine } from './text.js';

/** The path of the audit log, newest entries first. */
export const auditApiPath = '/api/audit';

/** The path of a service's activity in the last minutes and of its health checks. */
export const activityApiPath = '/api/activity';

/**
 * The header that names the operator on whose behalf a request is made, percent-encoded. The storefront sends it for the operator
 * who is signed in at the desk, and commands for the person who runs them. See `tokenHolder` for names sent with the token.
 */
export const operatorHeader = 'x-operator';

/** Decodes the value of `operatorHeader` (see `encodeURIComponent`): a single line of at most 200 characters. */
export const operatorHeaderSchema = z
  .string()
  .regex(/^[\x21-\x7e]+$/, { error: 'must be percent-encoded' })
  .transform((value, context) => {
    try {
      return decodeURIComponent(value);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be percent-encoded UTF-8' });
      return z.NEVER;
    }
  })
  .pipe(visibleLine(200));

/** The names in the audit log of operators whose own name is not known. */
export const namelessOperators = { withToken: "the operators' token", unknown: 'unnamed' } as const;

/**
 * The name in the audit log of an operator who has the operators' token and says who they are. Every holder of the token can give
 * any name, so the log shows both.
 */
export function tokenHolder(name: string | undefined): string {
  return name === undefined ? namelessOperators.withToken : `${namelessOperators.withToken}, as ${name}`;
}

/** Who an operator in the audit log is: see `tokenHolder` and `namelessOperators`. */
export type AuditedOperator =
  { by: 'token'; name: string | undefined } | { by: 'name'; name: string } | { by: 'unknown' };

/** Reads what an entry of the audit log says about its operator, so that it can be shown in any language. */
export function readOperator(operator: string): AuditedOperator {
  const { withToken, unknown } = namelessOperators;
  if (operator === unknown) return { by: 'unknown' };
  if (operator === withToken) return { by: 'token', name: undefined };
  const holder = tokenHolder('');
  if (operator.startsWith(holder)) return { by: 'token', name: operator.slice(holder.length) };
  return { by: 'name', name: operator };
}

/** The audited actions. An action is written to the audit log before it is performed. */
export const auditActions = [
  'list-purchases',
  'find-purchase',
  'read-purchase',
  'list-dead-letters',
  'read-dead-letter',
  'replay-dead-letter',
  'discard-dead-letter',
  'export-shopper',
  'erase-shopper',
  'read-audit-log',
] as const;

export type AuditAction = (typeof auditActions)[number];

/**
 * The targets of actions that have no action of their own: 0.1.0 cannot read an audit log with an action that it does not know. Repairs
 * have targets of their own: see docs/operators/rebuild.md.
 */
export const auditTargets = {
  /** Of `list-dead-letters`: replaying many of them. Each one that is replayed also has its own entry. */
  replayMany: 'replay/many',
  /** Of `find-purchase`: a search for a name. The audit log contains no names of shoppers. */
  name: 'search/name',
  /** Of `find-purchase`: a search for purchases whose number begins with these characters. */
  numberStart: (characters: string) => `search/number/${characters}`,
} as const;

/** The kinds of audited actions: what an operator decided, and what one only looked at. */
export const auditKinds = ['decisions', 'views'] as const;

export type AuditKind = (typeof auditKinds)[number];

const decisions: readonly AuditAction[] = [
  'replay-dead-letter',
  'discard-dead-letter',
  'export-shopper',
  'erase-shopper',
];

/** Whether an action was a decision or a view. A repair is a decision, and so are the replays of many dead letters. */
export function auditKindOf({
  action,
  target = '',
}: {
  action: AuditAction;
  target?: string | undefined;
}): AuditKind {
  const isDecision =
    decisions.includes(action) ||
    (action === 'list-dead-letters' && target.startsWith('replay/')) ||
    (action === 'list-purchases' && /^rebuild\/.*\/repair(\/|$)/.test(target));
  return isDecision ? 'decisions' : 'views';
}

const time = z.iso.datetime({ precision: 3 });

/** An entry of the audit log: who did what, when, and to what. It was written before the action, which may have failed. */
export const auditEntrySchema = z.object({
  id: z.uuid(),
  at: time,
  /** The operator's id at the OpenID issuer, `tokenHolder`, or one of `namelessOperators`. */
  operator: z.string(),
  action: z.enum(auditActions),
  /** The id of a purchase or a dead letter, a shopper's key, or what a comparison compared: see docs/operators/rebuild.md. */
  target: z.string().optional(),
  /** Why the operator decided so, if they said. */
  reason: z.string().optional(),
  requestId: z.string(),
});

export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** The query of the audit log: all of it, or one kind of actions. */
export const auditQuerySchema = pageQuerySchema.extend({ kind: z.enum(auditKinds).optional() });

/**
 * A page of the audit log, newest first: the first entry is the request for this page, unless it is a page of decisions. `next` is the
 * cursor of older entries. A page of one kind can be short or empty and have older entries: see docs/decisions/audit-kinds.md.
 */
export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  next: z.string().optional(),
});

export type AuditPage = z.infer<typeof auditPageSchema>;

/** Percentiles in seconds. Version 0.1.0 does not report the 99th. */
const durationsSchema = z.record(
  z.string(),
  z.object({ median: z.number(), p90: z.number(), p99: z.number().optional() }),
);

/** The activity in one interval: counts, and durations in seconds where they are measured. */
export const activitySampleSchema = z.object({
  /** The end of the interval. */
  at: time,
  counts: z.record(z.string(), z.number().min(0)),
  /** A duration without measurements in the interval is missing. */
  durations: durationsSchema,
});

export type ActivitySample = z.infer<typeof activitySampleSchema>;

/** The dead letters that wait for a decision, of all replicas. */
export const waitingDeadLettersSchema = z.object({
  /** How many are known: at most 100. */
  count: z.int().min(0),
  /** Whether there are more, or not all dead letters have been looked at yet. */
  isMore: z.boolean(),
  /** When the oldest known one arrived. */
  oldestAt: time.optional(),
  /** When they were counted. */
  at: time,
});

export type WaitingDeadLetters = z.infer<typeof waitingDeadLettersSchema>;

/**
 * The activity of one replica in the last minutes, oldest sample first, and the results of its health checks. Version 0.1.0 reports
 * none of the optional members.
 */
export const activitySchema = z.object({
  instance: z.string(),
  intervalMs: z.int().min(1),
  samples: z.array(activitySampleSchema),
  /** The interval that has not ended yet. */
  current: activitySampleSchema.optional(),
  /** Durations over all samples and the current interval. */
  durations: durationsSchema.optional(),
  /** Only of the purchase-service; missing until the store has answered once. */
  waitingDeadLetters: waitingDeadLettersSchema.optional(),
  checks: z.array(z.object({ name: z.string(), status: z.enum(['up', 'down']) })),
});

export type Activity = z.infer<typeof activitySchema>;
