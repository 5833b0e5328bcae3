import { z } from 'zod';
import { deadLetterDetailsSchema } from './dead-letter-api.js';
import { journalEntrySchema, recordedPurchaseSchema } from './purchase-api.js';

/**
 * Where operators find all that is kept about a shopper: `GET …/{shopper}` exports it, `DELETE …/{shopper}` erases it. A
 * shopper is named by the id, or by the key.
 */
export const shopperApiPath = '/api/shoppers';

/** The media type of an export: a JSON value on each line (https://github.com/ndjson/ndjson-spec). */
export const shopperExportMediaType = 'application/x-ndjson';

const countsSchema = z.object({
  purchases: z.int().min(0),
  journalEntries: z.int().min(0),
  deadLetters: z.int().min(0),
});

/** A line of an export; the last says how many there were of each kind, and that nothing is missing. */
export const shopperExportLineSchema = z.discriminatedUnion('kind', [
  recordedPurchaseSchema.extend({ kind: z.literal('purchase') }),
  journalEntrySchema.extend({ kind: z.literal('journal-entry') }),
  deadLetterDetailsSchema.extend({ kind: z.literal('dead-letter') }),
  countsSchema.extend({ kind: z.literal('end') }),
]);

export type ShopperExportLine = z.infer<typeof shopperExportLineSchema>;

/** What was erased, and until when: purchases that were placed before are not recorded any more. */
export const shopperErasureSchema = countsSchema.extend({ erasedAt: z.iso.datetime({ precision: 3 }) });

export type ShopperErasure = z.infer<typeof shopperErasureSchema>;
