import { deadLetterIdSchema, deadLetterReasonSchema, purchaseIdSchema } from '@unity-purchase/contracts';
import type { LogDefinition } from '@unity-purchase/numbered-log';
import { z } from 'zod';

/** The log of all dead letters, in the order in which they came. */
export const deadLetterLog = 'dead-letters';

const entrySchema = z.strictObject({
  id: deadLetterIdSchema,
  reason: deadLetterReasonSchema,
  purchaseId: purchaseIdSchema.optional(),
  arrivedAt: z.iso.datetime({ precision: 3 }),
});

/** A dead letter as the log knows it; what was delivered stands under its id. */
export type DeadLetterEntry = z.infer<typeof entrySchema>;

export const deadLetterLogDefinition: LogDefinition<DeadLetterEntry> = {
  schema: entrySchema,
  identityOf: ({ id }) => id,
  fingerprintOf: ({ id }) => id,
  mintedMsOf: ({ arrivedAt }) => Date.parse(arrivedAt),
  occurredMsOf: ({ arrivedAt }) => Date.parse(arrivedAt),
  amountOf: () => undefined,
  keptMs: 60_000,
  // One that was delivered twice may stand here twice; what is decided about it is kept by its id.
  repeats: 'tolerated',
};
