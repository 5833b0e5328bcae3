import { z } from 'zod';
import { deadLetterDetailsSchema } from './dead-letter-api.js';
import { journalEntrySchema, recordedPurchaseSchema } from './purchase-api.js';

/** The path of shoppers' data: `GET …/{shopper}` exports it and `DELETE …/{shopper}` erases it, by shopper id or shopper key. */
export const shopperApiPath = '/api/shoppers';

/** The media type of an export: a JSON value on each line (https://github.com/ndjson/ndjson-spec). */
export const shopperExportMediaType = 'application/x-ndjson';

const countsSchema = z.object({
  purchases: z.int().min(0),
  journalEntries: z.int().min(0),
  deadLetters: z.int().min(0),
});

/** A line of an export. The last line, of the kind `end`, has the counts and shows that the export is complete. */
export const shopperExportLineSchema = z.discriminatedUnion('kind', [
  recordedPurchaseSchema.extend({ kind: z.literal('purchase') }),
  journalEntrySchema.extend({ kind: z.literal('journal-entry') }),
  deadLetterDetailsSchema.extend({ kind: z.literal('dead-letter') }),
  countsSchema.extend({ kind: z.literal('end') }),
]);

export type ShopperExportLine = z.infer<typeof shopperExportLineSchema>;

/** What was erased. Purchases placed before `erasedAt` will not be recorded any more. */
export const shopperErasureSchema = countsSchema.extend({ erasedAt: z.iso.datetime({ precision: 3 }) });

export type ShopperErasure = z.infer<typeof shopperErasureSchema>;
