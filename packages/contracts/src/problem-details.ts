import { z } from 'zod';
import { moneySchema } from './money.js';
import { purchaseSchema } from './purchase.js';

/** The body of an error answer (RFC 9457). `code` is stable and for programs; `detail` is for people. */
export const problemDetailsSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  code: z.string(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  /** When the purchases of a shopper were erased, if that may be why a purchase is not recorded. */
  erasedAt: z.iso.datetime({ precision: 3 }).optional(),
  /** What the order costs now, if that is not what its client expected. */
  total: moneySchema.optional(),
  /** The purchase that is not recorded, if its event is a dead letter from which it can be read. */
  purchase: purchaseSchema.optional(),
  /** Since when its dead letter has been replayed or discarded. */
  decidedAt: z.iso.datetime({ precision: 3 }).optional(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});

export type ProblemDetails = z.infer<typeof problemDetailsSchema>;
