import {
  deadLetterReasonSchema,
  deadLetterStateSchema,
  deadLetterIdSchema,
  purchaseIdSchema,
} from '@unity-purchase/contracts';
import { asciiJson, storedValue } from '@unity-purchase/numbered-log';
import { z } from 'zod';

const time = z.iso.datetime({ precision: 3 });

const letterSchema = z.strictObject({
  version: z.literal(1),
  arrivedAt: time,
  reason: deadLetterReasonSchema,
  problems: z.array(z.string()),
  purchaseId: purchaseIdSchema.optional(),
  base64: z.base64(),
});

/** A dead letter as it came; never rewritten. */
export type Letter = z.infer<typeof letterSchema>;

const decisionSchema = z.strictObject({
  version: z.literal(1),
  state: deadLetterStateSchema,
  since: time,
  replays: z.int().min(0),
});

/** What was decided about it, and when; rewritten with every decision. */
export type Decision = z.infer<typeof decisionSchema>;

const pointerSchema = z.strictObject({ version: z.literal(1), id: deadLetterIdSchema });

/** Where a dead letter and what belongs to it stand in the store. */
export const keys = {
  letter: (id: string) => `dead-letter:${id}`,
  decision: (id: string) => `dead-letter-decision:${id}`,
  ofPurchase: (shopper: string, purchaseId: string) => `dead-letter-of:${shopper}:${purchaseId}`,
};

export const encode = asciiJson;

export const readLetter = storedValue(letterSchema);
export const readDecision = storedValue(decisionSchema);
export const readPointer = storedValue(pointerSchema);
