import { z } from 'zod';
import { deadLetterDetailsSchema } from './dead-letter-api.js';
import { journalEntrySchema, recordedPurchaseSchema } from './purchase-api.js';

/**
 * The path of shoppers' data: `GET …/{shopper}` exports it, `POST …/{shopper}/erasure` erases it and sends its progress, and
 * `DELETE …/{shopper}` erases it silently, by shopper id or shopper key.
 */
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

const time = z.iso.datetime({ precision: 3 });

/**
 * What was erased. Purchases placed before `erasedAt` will not be recorded any more. An erasure does not reach the events at the
 * broker, which may have them until `eventsKeptUntil`.
 */
export const shopperErasureSchema = countsSchema.extend({ erasedAt: time, eventsKeptUntil: time.optional() });

export type ShopperErasure = z.infer<typeof shopperErasureSchema>;

/** A line about how far an export or an erasure is: what it reads, and how many entries of that it has read. */
export const shopperProgressSchema = z.object({
  kind: z.literal('progress'),
  reading: z.enum(['history', 'journal', 'dead-letters']),
  entries: z.int().min(0),
  /** Where an interrupted export or erasure can continue, if it has come that far. What follows this line is sent again. */
  cursor: z.string().optional(),
});

export type ShopperProgress = z.infer<typeof shopperProgressSchema>;

/** A line of an export for which progress was requested. */
export const shopperExportStreamLineSchema = z.union([shopperExportLineSchema, shopperProgressSchema]);

export type ShopperExportStreamLine = z.infer<typeof shopperExportStreamLineSchema>;

/** A line of an erasure. The last line, of the kind `end`, has the counts; an erasure without it is not complete. */
export const shopperErasureLineSchema = z.union([
  shopperErasureSchema.extend({ kind: z.literal('end') }),
  shopperProgressSchema,
]);

export type ShopperErasureLine = z.infer<typeof shopperErasureLineSchema>;
