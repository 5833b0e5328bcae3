import { z } from 'zod';
import { currencySchema } from './currency.js';
import { moneySchema } from './money.js';
import { purchaseIdSchema } from './purchase-id.js';
import { purchaseSchema } from './purchase.js';
import { shopperIdSchema } from './shopper.js';

/** What the purchase-service answers. Paths: `/api/purchases`, `/api/purchases/{shopper}`, `…/{shopper}/{purchaseId}`. */
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

export const recordedPurchaseSchema = z.strictObject({
  purchase: purchaseSchema,
  recordedAt: z.iso.datetime({ precision: 3 }),
});

/** A purchase and when it was recorded. */
export type RecordedPurchase = z.infer<typeof recordedPurchaseSchema>;

/** Running totals: how many purchases, and what they sum up to by currency, in minor units. */
export const totalsSchema = z.strictObject({
  count: z.int().min(0),
  sums: z.record(currencySchema, z.int().min(0)),
});

export type Totals = z.infer<typeof totalsSchema>;

/** A page of one shopper's purchases, newest first. `next` is the cursor of the page after it, if there is one. */
export const historyPageSchema = z.strictObject({
  purchases: z.array(recordedPurchaseSchema),
  totals: totalsSchema,
  next: z.string().optional(),
});

export type HistoryPage = z.infer<typeof historyPageSchema>;

export const journalEntrySchema = z.strictObject({
  shopperId: shopperIdSchema,
  purchaseId: purchaseIdSchema,
  total: moneySchema,
  recordedAt: z.iso.datetime({ precision: 3 }),
});

/** One purchase as the journal over all shoppers knows it. */
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/**
 * A page of all purchases, newest first. A purchase that was delivered to two replicas may stand in two pages, and counts
 * twice in the totals: readers drop repeats. One that was erased stands nowhere, and is still counted.
 */
export const journalPageSchema = z.strictObject({
  purchases: z.array(journalEntrySchema),
  totals: totalsSchema,
  next: z.string().optional(),
});

export type JournalPage = z.infer<typeof journalPageSchema>;
