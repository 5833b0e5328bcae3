import { z } from 'zod';
import { currencySchema } from './currency.js';
import { moneySchema } from './money.js';
import { purchaseIdSchema } from './purchase-id.js';
import { purchaseSchema } from './purchase.js';
import { shopperIdSchema } from './shopper.js';

/**
 * What the purchase-service answers. Paths: `/api/purchases`, `/api/purchases/{shopper}`, `…/{shopper}/months`,
 * `…/{shopper}/{purchaseId}`, `…/{shopper}/{purchaseId}/event`.
 */
export const purchaseApiPath = '/api/purchases';

/** Page sizes: what a caller gets without asking, and the most it can ask for. */
export const pageLimitDefault = 20;
export const pageLimitMax = 100;

/** What a request for a page of a list may say. */
export const pageQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: `must be a number from 1 to ${pageLimitMax}` })
    .transform(Number)
    .default(pageLimitDefault),
  cursor: z.string().max(1000).optional(),
});

/** A month of a calendar year, in UTC: 2026-11. */
export const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'must be a month: 2026-11' });

/** What a request for a page of a history may say: with a month, it is a page of what was recorded in it. */
export const historyQuerySchema = pageQuerySchema.extend({ month: monthSchema.optional() });

export const recordedPurchaseSchema = z.object({
  purchase: purchaseSchema,
  recordedAt: z.iso.datetime({ precision: 3 }),
});

/** A purchase and when it was recorded. */
export type RecordedPurchase = z.infer<typeof recordedPurchaseSchema>;

/** Running totals: how many purchases, and what they sum up to by currency, in minor units. */
export const totalsSchema = z.object({
  count: z.int().min(0),
  sums: z.record(currencySchema, z.int().min(0)),
});

export type Totals = z.infer<typeof totalsSchema>;

/**
 * A page of one shopper's purchases, newest first, with the totals of all of them. `next` is the cursor of the page of older
 * ones and `previous` that of newer ones, where there are any.
 */
export const historyPageSchema = z.object({
  purchases: z.array(recordedPurchaseSchema),
  totals: totalsSchema,
  next: z.string().optional(),
  previous: z.string().optional(),
});

export type HistoryPage = z.infer<typeof historyPageSchema>;

/** How many months one can ask for at once, and gets without asking: a year, with the month that runs. */
export const monthsMax = 36;
export const monthsDefault = 12;

/** What was recorded in each of the last months, oldest first, months without a purchase too; the last is the one that runs. */
export const spendingSchema = z.object({
  months: z.array(z.object({ month: monthSchema, totals: totalsSchema })),
});

export type Spending = z.infer<typeof spendingSchema>;

/**
 * A recorded purchase with the event that brought it, as it was delivered: a CloudEvent with what Dapr added to it. Of a
 * purchase that was recorded before events were kept there is none.
 */
export const purchaseDetailsSchema = recordedPurchaseSchema.extend({
  event: z.record(z.string(), z.unknown()).optional(),
});

export type PurchaseDetails = z.infer<typeof purchaseDetailsSchema>;

export const journalEntrySchema = z.object({
  shopperId: shopperIdSchema,
  purchaseId: purchaseIdSchema,
  total: moneySchema,
  recordedAt: z.iso.datetime({ precision: 3 }),
});

/** One purchase as the journal over all shoppers knows it. */
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** What operators look for among all purchases: one shopper's, one by its id, or those recorded before a time. */
export const journalQuerySchema = pageQuerySchema.extend({
  shopper: shopperIdSchema.optional(),
  purchaseId: purchaseIdSchema.optional(),
  before: z.iso.datetime({ error: 'must be a time: 2026-11-25T10:00:00Z' }).optional(),
});

export type JournalQuery = z.infer<typeof journalQuerySchema>;

/**
 * A page of all purchases, newest first. A purchase that was delivered to two replicas may stand in two pages, and counts
 * twice in the totals: readers drop repeats. One that was erased stands nowhere, and is still counted.
 */
export const journalPageSchema = z.object({
  purchases: z.array(journalEntrySchema),
  totals: totalsSchema,
  next: z.string().optional(),
});

export type JournalPage = z.infer<typeof journalPageSchema>;
