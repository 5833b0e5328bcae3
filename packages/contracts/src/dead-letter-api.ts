import { z } from 'zod';
import { moneySchema } from './money.js';
import type { ProblemCode } from './problem-codes.js';
import { pageQuerySchema } from './purchase-api.js';
import { purchaseIdSchema } from './purchase-id.js';
import { visibleLine } from './text.js';

/**
 * The path of the list of dead letters. `…/{id}` is one of them; `POST …/{id}/replay` and `…/{id}/discard` decide about it.
 */
export const deadLetterApiPath = '/api/dead-letters';

/** POST replays all dead letters that can be replayed, some at a time. It is not below their path, where it would be one of them. */
export const deadLetterReplayApiPath = '/api/dead-letter-replays';

/** The decisions that an operator can make about a dead letter. Neither deletes it. */
export type DeadLetterDecision = 'replay' | 'discard';

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

/** Where a list has a dead letter: in its state, or under `recorded` if its purchase was recorded since, whatever was decided. */
export const deadLetterListSchema = z.enum([...deadLetterStateSchema.options, 'recorded']);

export type DeadLetterList = z.infer<typeof deadLetterListSchema>;

/** The largest length of the reason for discarding a dead letter. */
export const discardReasonLengthMax = 200;

/** Why an operator discards a dead letter: one visible line. */
export const discardReasonSchema = visibleLine(discardReasonLengthMax);

/**
 * The body of a request to discard a dead letter. The desk and the command always send a reason. It is optional because version 0.1.0
 * sends no body: then the decision has no reason.
 */
export const discardSchema = z.strictObject({ reason: discardReasonSchema.optional() }).optional();

const time = z.iso.datetime({ precision: 3 });
const timeParameter = z.iso.datetime({ error: 'must be a time: 2026-11-25T10:00:00Z' }).optional();

/** Which dead letters a request is about: those with a reason, and those that arrived from one time until before another. */
const filterShape = {
  reason: deadLetterReasonSchema.optional(),
  from: timeParameter,
  before: timeParameter,
};

/** The query of a list of dead letters. */
export const deadLetterQuerySchema = pageQuerySchema.extend({
  ...filterShape,
  list: deadLetterListSchema.optional(),
});

export type DeadLetterQuery = z.infer<typeof deadLetterQuerySchema>;

/** The query of a request to replay all dead letters that wait and can be replayed. */
export const deadLetterReplayQuerySchema = pageQuerySchema.extend(filterShape);

/** A dead letter in a list. What the event says is not checked: it may be invalid. */
export const deadLetterSchema = z.object({
  id: deadLetterIdSchema,
  reason: deadLetterReasonSchema,
  /** The purchase of the event, if it can be read. */
  purchaseId: purchaseIdSchema.optional(),
  /** The shopper of the event, if it can be read. */
  shopper: z.object({ id: z.string(), name: z.string().optional() }).optional(),
  /** The total of the event, if it can be read. */
  total: moneySchema.optional(),
  /** What is wrong with the event: the first of all problems. Missing if it is valid. */
  problem: z.string().optional(),
  arrivedAt: time,
  state: deadLetterStateSchema,
  /** When it entered this state. Missing if it has been waiting from the start. */
  since: time.optional(),
  /** How often it was replayed. */
  replays: z.int().min(0),
  /** Why an operator discarded it. */
  discardReason: z.string().optional(),
  /** When its purchase was recorded, if it was recorded later. */
  recordedAt: time.optional(),
  /** Another order is recorded under its purchase id, so it can never be recorded. */
  superseded: z.boolean().optional(),
});

export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** A page of dead letters, newest first. `next` is the cursor of the next page, if there is one. */
export const deadLetterPageSchema = z.object({
  deadLetters: z.array(deadLetterSchema),
  next: z.string().optional(),
  /**
   * A request looks at a limited number of dead letters. If it looked at so many before the page was full, this is when the last of
   * them arrived; `next` continues the search.
   */
  searchedTo: time.optional(),
});

export type DeadLetterPage = z.infer<typeof deadLetterPageSchema>;

/**
 * Why a dead letter cannot be replayed: its event is not valid, or was not kept as a whole, or another order is recorded under its
 * purchase id.
 */
export const replayFailureSchema = z.enum(['invalid', 'truncated', 'superseded']);

export type ReplayFailure = z.infer<typeof replayFailureSchema>;

/** What a request to replay the waiting dead letters did. `next` is the cursor of the rest, if there is one. */
export const deadLetterReplaysSchema = z.object({
  replayed: z.int().min(0),
  /** How many wait and cannot be replayed: see `replayFailureSchema`. */
  notReplayable: z.int().min(0),
  /** How many wait and need no replay, because their purchases were recorded since. */
  recorded: z.int().min(0).optional(),
  /** Those that cannot be replayed, and why. */
  failures: z.array(z.object({ id: deadLetterIdSchema, why: replayFailureSchema })).optional(),
  /** How many dead letters, in any state, are still to be looked at. */
  left: z.int().min(0).optional(),
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
