import { z } from 'zod';
import type { ProblemCode } from './problem-codes.js';
import { purchaseIdSchema } from './purchase-id.js';

/**
 * Where operators find what could not be recorded: a page of it, `…/{id}` for one, and `POST …/{id}/replay` and
 * `…/{id}/discard` to decide about it.
 */
export const deadLetterApiPath = '/api/dead-letters';

/** What an operator can do about a dead letter; neither deletes it. */
export const deadLetterDecisions = ['replay', 'discard'] as const;

export type DeadLetterDecision = (typeof deadLetterDecisions)[number];

/** Names a dead letter by what was delivered: the beginning of its SHA-256. */
export const deadLetterIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, { error: 'must be 32 hexadecimal digits' });

/**
 * Why an event is dead: no JSON at all; no valid event; another content than the record of its purchase; or nothing is wrong
 * with it, and its deliveries were used up while it could not be recorded.
 */
export const deadLetterReasonSchema = z.enum(['unreadable', 'invalid', 'contradicts-record', 'not-recorded']);

export type DeadLetterReason = z.infer<typeof deadLetterReasonSchema>;

/** `waiting` for a decision; `replayed`, which means published again; `discarded`. What comes back is waiting again. */
export const deadLetterStateSchema = z.enum(['waiting', 'replayed', 'discarded']);

export type DeadLetterState = z.infer<typeof deadLetterStateSchema>;

const time = z.iso.datetime({ precision: 3 });

/** A dead letter in a list. */
export const deadLetterSchema = z.object({
  id: deadLetterIdSchema,
  reason: deadLetterReasonSchema,
  /** Of the purchase, where the event tells. */
  purchaseId: purchaseIdSchema.optional(),
  arrivedAt: time,
  state: deadLetterStateSchema,
  /** Since when it is in this state, if it ever was in another. */
  since: time.optional(),
  /** How often it was published again. */
  replays: z.int().min(0),
});

export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** A page of dead letters, newest first. `next` is the cursor of the page after it, if there is one. */
export const deadLetterPageSchema = z.object({
  deadLetters: z.array(deadLetterSchema),
  next: z.string().optional(),
});

export type DeadLetterPage = z.infer<typeof deadLetterPageSchema>;

/** One dead letter: what was delivered, and what is wrong with it by the rules of now. */
export const deadLetterDetailsSchema = deadLetterSchema.extend({
  /** What was wrong when it came: places and rules. */
  problems: z.array(z.string()),
  /** Whether its event can be published again: it is valid by now. Otherwise why not. */
  replayable: z.boolean(),
  problemsNow: z.array(z.string()),
  /** When its purchase was recorded after all. */
  recordedAt: time.optional(),
  /** What was delivered, if it is text. */
  text: z.string().optional(),
  base64: z.string(),
});

export type DeadLetterDetails = z.infer<typeof deadLetterDetailsSchema>;

/** What the purchase-service says, with 404, of a purchase that is not recorded. */
export const notRecordedCodes = {
  unknown: 'purchase-not-recorded',
  /** Its event is among the dead letters and waits for an operator, or was published again. */
  delayed: 'purchase-delayed',
  /** An operator decided that it will not be recorded. */
  discarded: 'purchase-discarded',
} as const satisfies Record<string, ProblemCode>;
