export { currencyExponent, currencySchema, type Currency } from './currency.js';
export {
  deadLetterApiPath,
  deadLetterDecisions,
  deadLetterDetailsSchema,
  deadLetterIdSchema,
  deadLetterPageSchema,
  deadLetterReasonSchema,
  deadLetterReplaysSchema,
  deadLetterSchema,
  deadLetterStateSchema,
  notRecordedCodes,
  truncationSchema,
  type DeadLetter,
  type DeadLetterDecision,
  type DeadLetterDetails,
  type DeadLetterPage,
  type DeadLetterReason,
  type DeadLetterReplays,
  type DeadLetterState,
} from './dead-letter-api.js';
export {
  eventRemovalDays,
  eventRemovalMs,
  eventRetentionDays,
  eventRetentionMs,
  eventSegmentMs,
} from './event-retention.js';
export {
  amountMax,
  decimalAmount,
  moneySchema,
  parseAmount,
  totalSchema,
  type AmountProblem,
  type Money,
  type Total,
} from './money.js';
export { appIds, components, eventRoutes, topics } from './names.js';
export { isProblemCode, problemCodes, type ProblemCode } from './problem-codes.js';
export { problemDetailsSchema, type ProblemDetails } from './problem-details.js';
export {
  historyPageSchema,
  historyQuerySchema,
  journalEntrySchema,
  journalPageSchema,
  journalQuerySchema,
  monthSchema,
  monthsDefault,
  monthsMax,
  pageLimitDefault,
  pageLimitMax,
  pageQuerySchema,
  purchaseApiPath,
  purchaseDetailsSchema,
  recordedPurchaseSchema,
  spendingSchema,
  totalsSchema,
  type HistoryPage,
  type JournalEntry,
  type JournalPage,
  type JournalQuery,
  type PurchaseDetails,
  type RecordedPurchase,
  type Spending,
  type Totals,
} from './purchase-api.js';
export {
  clockDifferenceMaxMs,
  purchaseIdAgeMaxMs,
  purchaseIdAheadMaxMs,
  purchaseIdSchema,
  purchaseIdTimeMs,
  readNewPurchaseId,
  type PurchaseIdProblem,
} from './purchase-id.js';
export { purchaseIdOfKey } from './purchase-id-of-key.js';
export {
  activityApiPath,
  activitySchema,
  auditActions,
  auditApiPath,
  auditEntrySchema,
  auditPageSchema,
  namelessOperators,
  operatorHeader,
  operatorHeaderSchema,
  tokenHolder,
  type Activity,
  type ActivitySample,
  type AuditAction,
  type AuditEntry,
  type AuditPage,
} from './operator-api.js';
export { orderDigest, type SentOrder } from './purchase-order.js';
export {
  eventContractVersion,
  orderDigestAttribute,
  purchasePlaced,
  purchasePlacedSchema,
  purchasePlacedType,
  replayOf,
  replayOfAttribute,
  type PurchasePlaced,
} from './purchase-placed.js';
export {
  linesMax,
  purchaseFingerprint,
  purchaseLineSchema,
  purchaseSchema,
  quantityMax,
  skuSchema,
  sumOfLines,
  type Purchase,
  type PurchaseLine,
} from './purchase.js';
export {
  shopperApiPath,
  shopperErasureLineSchema,
  shopperErasureSchema,
  shopperExportStreamLineSchema,
  shopperProgressSchema,
  type ShopperErasureLine,
  type ShopperProgress,
  shopperExportLineSchema,
  shopperExportMediaType,
  type ShopperErasure,
  type ShopperExportLine,
  type ShopperExportStreamLine,
} from './shopper-api.js';
export {
  shopperIdLengthMax,
  shopperIdSchema,
  shopperKey,
  shopperKeyPattern,
  shopperSchema,
  type Shopper,
} from './shopper.js';
export { lineOfText, visibleLine } from './text.js';
