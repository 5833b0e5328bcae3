import { z } from 'zod';
import type { ProblemCode } from './problem-codes.js';
import { purchaseIdSchema } from './purchase-id.js';

/**
 * The path of the list of dead letters. `…/{id}` is one of them; `POST …/{id}/replay` and `…/{id}/discard` decide about it.
 */
export const deadLetterApiPath = '/api/dead-letters';

/** POST replays all dead letters that can be replayed, some at a time. It is not below their path, where it would be one of them. */
export const deadLetterReplayApiPath = '/api/dead-letter-replays';

/** The decisions that an operator can make about a dead letter. Neither deletes it. */
export const deadLetterDecisions = ['replay', 'discard'] as const;

export type DeadLetterDecision = (typeof deadLetterDecisions)[number];

/** The id of a dead letter: the first 128 bits of the SHA-256 of what was delivered. */
export const deadLetterIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, { error: 'must be 32 hexadecimal digits' });

/**
 * Why an event could not be recorded:
 * - `unreadable`: it is not JSON, or it is nested too deeply;
 * - `invalid`: it is not a valid event;
 * - `contradicts-record`: a purchase with the same id and different content is recorded;
 * - `not-recorded`: the event is valid, but every delivery failed.
 */
export const deadLetterReasonSchema = z.enum(['unreadable', 'invalid', 'contradicts-record', 'not-recorded']);

export type DeadLetterReason = z.infer<typeof deadLetterReasonSchema>;

/** `waiting` for a decision, `replayed` or `discarded`. A dead letter that is delivered again is `waiting` again. */
export const deadLetterStateSchema = z.enum(['waiting', 'replayed', 'discarded']);

export type DeadLetterState = z.infer<typeof deadLetterStateSchema>;

const time = z.iso.datetime({ precision: 3 });

/** A dead letter in a list. */
export const deadLetterSchema = z.object({
  id: deadLetterIdSchema,
  reason: deadLetterReasonSchema,
  /** The purchase of the event, if it can be read. */
  purchaseId: purchaseIdSchema.optional(),
  arrivedAt: time,
  state: deadLetterStateSchema,
  /** When it entered this state. Missing if it has been waiting from the start. */
  since: time.optional(),
  /** How often it was replayed. */
  replays: z.int().min(0),
});

export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** A page of dead letters, newest first. `next` is the cursor of the next page, if there is one. */
export const deadLetterPageSchema = z.object({
  deadLetters: z.array(deadLetterSchema),
  next: z.string().optional(),
});

export type DeadLetterPage = z.infer<typeof deadLetterPageSchema>;

/** What a request to replay the waiting dead letters did. `next` is the cursor of the rest, if there is one. */
export const deadLetterReplaysSchema = z.object({
  replayed: z.int().min(0),
  /** How many wait and cannot be replayed: their events are not valid, not kept as a whole, or in conflict with the record. */
  notReplayable: z.int().min(0),
  next: z.string().optional(),
});

export type DeadLetterReplays = z.infer<typeof deadLetterReplaysSchema>;

/** The size in bytes and the SHA-256 of everything that was delivered, if only its beginning is kept. */
export const truncationSchema = z.strictObject({
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** One dead letter: what was delivered and why it could not be recorded. */
export const deadLetterDetailsSchema = deadLetterSchema.extend({
  /** What was wrong with the event when it arrived. */
  problems: z.array(z.string()),
  /** Whether the event is valid for the running version and can be replayed; if not, `problemsNow` says why. */
  replayable: z.boolean(),
  problemsNow: z.array(z.string()),
  /** When the purchase was recorded, if it was recorded later. */
  recordedAt: time.optional(),
  /** What was delivered, if it is valid UTF-8. */
  text: z.string().optional(),
  base64: z.string(),
  /** What was delivered was too large to be kept as a whole: `text` and `base64` are its beginning. It cannot be replayed. */
  truncated: truncationSchema.optional(),
});

export type DeadLetterDetails = z.infer<typeof deadLetterDetailsSchema>;

/** The problem codes of a purchase that is not recorded. */
export const notRecordedCodes = {
  unknown: 'purchase-not-recorded',
  /** Its event is a dead letter that waits for a decision or was replayed. */
  delayed: 'purchase-delayed',
  /** An operator decided that it will not be recorded. */
  discarded: 'purchase-discarded',
} as const satisfies Record<string, ProblemCode>;
