import { z } from 'zod';
import { lineOfText } from './text.js';

/** Where operators read what operators did, newest first. */
export const auditApiPath = '/api/audit';

/** Where operators ask what a service did lately, and how its parts are. */
export const activityApiPath = '/api/activity';

/**
 * The header in which the storefront says, percent-encoded, which operator it asks for. It counts on requests of the
 * service's own sidecar only.
 */
export const operatorHeader = 'x-operator';

/** Reads a name from the value of `operatorHeader`: a line of at most 200 characters, as `encodeURIComponent` writes it. */
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
  .pipe(lineOfText(200));

/** What stands for the name of an operator who has none. */
export const namelessOperators = { withToken: "the operators' token", unknown: 'unnamed' } as const;

/** What operators do, each of which is written down before it is done. */
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

const time = z.iso.datetime({ precision: 3 });

/** One thing an operator did: who, when, what, and to what. It was written before it was done, and may have failed since. */
export const auditEntrySchema = z.object({
  id: z.uuid(),
  at: time,
  /** Who: a name that the issuer knows, or one of `namelessOperators`. */
  operator: z.string(),
  action: z.enum(auditActions),
  /** Of what: a purchase's or a dead letter's id, or a shopper's key. */
  target: z.string().optional(),
  requestId: z.string(),
});

export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** A page of what operators did, newest first: asking for it is what stands first in it. `next` is the cursor of older entries. */
export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  next: z.string().optional(),
});

export type AuditPage = z.infer<typeof auditPageSchema>;

/** What happened in one interval: how often each thing, and how long it took where that was measured, in seconds. */
export const activitySampleSchema = z.object({
  /** The end of the interval. */
  at: time,
  counts: z.record(z.string(), z.number().min(0)),
  /** Half and nine tenths of them took no longer than this; there are none where nothing was measured. */
  durations: z.record(z.string(), z.object({ median: z.number(), p90: z.number() })),
});

export type ActivitySample = z.infer<typeof activitySampleSchema>;

/** What one replica of a service did lately, by its own metrics, oldest first, and how its parts are. */
export const activitySchema = z.object({
  instance: z.string(),
  intervalMs: z.int().min(1),
  samples: z.array(activitySampleSchema),
  checks: z.array(z.object({ name: z.string(), status: z.enum(['up', 'down']) })),
});

export type Activity = z.infer<typeof activitySchema>;
