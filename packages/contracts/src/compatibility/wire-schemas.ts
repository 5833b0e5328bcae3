import { z } from 'zod';
import { deadLetterDetailsSchema, deadLetterPageSchema } from '../dead-letter-api.js';
import { activitySchema, auditPageSchema } from '../operator-api.js';
import { problemDetailsSchema } from '../problem-details.js';
import {
  historyPageSchema,
  journalPageSchema,
  purchaseDetailsSchema,
  purchaseSearchResultSchema,
  recordedPurchaseSchema,
  spendingSchema,
} from '../purchase-api.js';
import { purchasePlacedSchema, purchasePlacedType } from '../purchase-placed.js';
import { shopperErasureSchema, shopperExportLineSchema } from '../shopper-api.js';
import type { JsonSchema } from './unreadable.js';

/** Everything that one program writes and another reads, which may be older or newer. */
export const wireSchemas = {
  [purchasePlacedType]: purchasePlacedSchema,
  'recorded-purchase': recordedPurchaseSchema,
  'history-page': historyPageSchema,
  'purchase-details': purchaseDetailsSchema,
  spending: spendingSchema,
  'journal-page': journalPageSchema,
  'purchase-search-result': purchaseSearchResultSchema,
  'dead-letter-page': deadLetterPageSchema,
  'dead-letter-details': deadLetterDetailsSchema,
  'audit-page': auditPageSchema,
  activity: activitySchema,
  'shopper-export-line': shopperExportLineSchema,
  'shopper-erasure': shopperErasureSchema,
  'problem-details': problemDetailsSchema,
} as const satisfies Record<string, z.ZodType>;

export type WireName = keyof typeof wireSchemas;

/** The schema with this name. */
export function schemaOf(name: WireName): z.ZodType {
  return wireSchemas[name];
}

/** What a schema accepts, as JSON Schema. */
export function readerOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', reused: 'inline' }) as JsonSchema;
}
