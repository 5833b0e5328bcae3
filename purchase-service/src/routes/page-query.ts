import { pageLimitDefault, pageLimitMax } from '@unity-purchase/contracts';
import { z } from 'zod';

/** What a request for a page of a list may say. */
export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, { error: `must be a number from 1 to ${pageLimitMax}` })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= pageLimitMax, {
      error: `must be a number from 1 to ${pageLimitMax}`,
    })
    .default(pageLimitDefault),
  cursor: z.string().max(1000).optional(),
});
