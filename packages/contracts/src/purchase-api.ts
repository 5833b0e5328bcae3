import { z } from 'zod';
import { currencySchema } from './currency.js';
import { moneySchema, totalSchema } from './money.js';
import { purchaseIdSchema } from './purchase-id.js';
import { purchaseSchema } from './purchase.js';
import { shopperIdSchema, shopperSchema } from './shopper.js';
import { visibleLine } from './text.js';

/**
 * The path of the purchase-service's purchases. Below it: `/{shopper}`, `/{shopper}/months`, `/{shopper}/{purchaseId}` and
 * `/{shopper}/{purchaseId}/event`.
 */
export const purchaseApiPath = '/api/purchases';

/** The default and the largest page size. */
export const pageLimitDefault = 20;
export const pageLimitMax = 100;

/** The query of a page of a list. */
export const pageQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: `must be a number from 1 to ${pageLimitMax}` })
    .transform(Number)
    .default(pageLimitDefault),
  cursor: z.string().max(1000).optional(),
});

/** A calendar month in UTC: 2026-11. */
export const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'must be a month: 2026-11' });

/** A calendar year in UTC: 2026. */
export const yearSchema = z.string().regex(/^\d{4}$/, { error: 'must be a year: 2026' });

/** The longest text that can be searched for. */
export const searchTextMax = 100;

/**
 * The query of a page of a history. With a month or a year, the page holds the purchases recorded in it. With a search text `q`, it
 * holds those with all of its words in the titles of their items, or whose purchase id begins with it. Case, accents and umlauts
 * do not matter.
 */
export const historyQuerySchema = pageQuerySchema
  .extend({
    month: monthSchema.optional(),
    year: yearSchema.optional(),
    q: visibleLine(searchTextMax).optional(),
  })
  .refine(({ month, year }) => month === undefined || year === undefined, {
    path: ['year'],
    error: 'must not be combined with a month',
  });

export type HistoryQuery = z.infer<typeof historyQuerySchema>;

export const recordedPurchaseSchema = z.object({
  purchase: purchaseSchema,
  recordedAt: z.iso.datetime({ precision: 3 }),
});

/** A purchase and when it was recorded. */
export type RecordedPurchase = z.infer<typeof recordedPurchaseSchema>;

/** Running totals: the number of purchases, and their exact sum per currency in minor units. */
export const totalsSchema = z.object({
  count: z.int().min(0),
  sums: z.record(currencySchema, totalSchema),
});

export type Totals = z.infer<typeof totalsSchema>;

/** What one request of a search has looked through: how many purchases, and when the oldest of them was recorded. */
export const searchedSchema = z.object({
  count: z.int().min(0),
  since: z.iso.datetime({ precision: 3 }).optional(),
});

/**
 * A page of one shopper's purchases, newest first, with the totals of the whole history. `next` is the cursor of older
 * purchases and `previous` that of newer ones, if there are any. A request looks through a limited number of purchases: the page of
 * a search can be empty and have a `next`, and `searched` says how far it came. A purchase that was found by its number has none.
 */
export const historyPageSchema = z.object({
  purchases: z.array(recordedPurchaseSchema),
  totals: totalsSchema,
  next: z.string().optional(),
  previous: z.string().optional(),
  searched: searchedSchema.optional(),
});

export type HistoryPage = z.infer<typeof historyPageSchema>;

/** The largest and the default number of months in one answer. The current month counts. */
export const monthsMax = 36;
export const monthsDefault = 12;

/** For how many years the totals are in one answer. The current year counts. */
export const yearsMax = 20;

/**
 * The totals of consecutive months, oldest first, including months without a purchase, and of each of the last years with a purchase,
 * oldest first. Version 0.1.0 does not answer with years.
 */
export const spendingSchema = z.object({
  months: z.array(z.object({ month: monthSchema, totals: totalsSchema })),
  years: z.array(z.object({ year: yearSchema, totals: totalsSchema })).optional(),
});

export type Spending = z.infer<typeof spendingSchema>;

/**
 * A recorded purchase with its event as it was delivered: a CloudEvent with the attributes that Dapr added. The event is
 * missing for purchases that were recorded before events were stored.
 */
export const purchaseDetailsSchema = recordedPurchaseSchema.extend({
  event: z.record(z.string(), z.unknown()).optional(),
});

export type PurchaseDetails = z.infer<typeof purchaseDetailsSchema>;

export const journalEntrySchema = z.object({
  shopperId: shopperIdSchema,
  /** Missing in what versions up to 0.1.0 recorded. */
  shopperName: shopperSchema.shape.name.optional(),
  purchaseId: purchaseIdSchema,
  total: moneySchema,
  recordedAt: z.iso.datetime({ precision: 3 }),
});

/** A purchase in the journal of all shoppers' purchases. */
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** The query of the journal: all purchases, those of one shopper, one purchase, or those recorded before a time. */
export const journalQuerySchema = pageQuerySchema.extend({
  shopper: shopperIdSchema.optional(),
  purchaseId: purchaseIdSchema.optional(),
  before: z.iso.datetime({ error: 'must be a time: 2026-11-25T10:00:00Z' }).optional(),
});

export type JournalQuery = z.infer<typeof journalQuerySchema>;

/**
 * A page of all purchases, newest first. Its totals are approximate: a purchase whose event was delivered again can be counted
 * again, and an erased purchase is still counted. A purchase can appear on two pages; readers drop duplicates. An erased
 * purchase appears on no page.
 */
export const journalPageSchema = z.object({
  purchases: z.array(journalEntrySchema),
  totals: totalsSchema,
  next: z.string().optional(),
});

export type JournalPage = z.infer<typeof journalPageSchema>;

/** POST searches the purchases of all shoppers. What is searched is in the body, because Dapr copies addresses into its traces. */
export const purchaseSearchApiPath = '/api/purchase-searches';

/**
 * How many characters of a purchase number pages show where the whole number is too long. They are the time in it, to the millisecond, so
 * they identify a purchase among those of a shopper, and searches find it by them.
 */
export const purchaseNumberShownLength = 13;

/** The first part of a purchase number, or the first two: what pages show. */
export const purchaseNumberStartSchema = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4})?$/, {
    error: `must be the first 8 or ${purchaseNumberShownLength} characters of a purchase number`,
  });

/** A search for shoppers by their names, from the newest purchase or from a cursor on, or for purchases by the start of their number. */
export const purchaseSearchSchema = z.union([
  z.strictObject({ name: visibleLine(100), cursor: z.string().max(1000).optional() }),
  z.strictObject({ numberStart: purchaseNumberStartSchema }),
]);

export type PurchaseSearch = z.infer<typeof purchaseSearchSchema>;

/**
 * What a search found. By name: the newest purchase of each shopper who has bought under such a name, newest first, among a number of
 * purchases that it looked at. `next` is the cursor of the rest if it has not looked at all of them.
 */
export const purchaseSearchResultSchema = z.object({
  purchases: z.array(journalEntrySchema),
  /** Whether there are certainly no others. */
  isComplete: z.boolean(),
  /** How many purchases a search by name looked at, and when the oldest of them was recorded. */
  searched: z
    .object({ count: z.int().min(0), backTo: z.iso.datetime({ precision: 3 }).optional() })
    .optional(),
  next: z.string().optional(),
});

export type PurchaseSearchResult = z.infer<typeof purchaseSearchResultSchema>;
