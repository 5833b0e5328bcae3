import {
  auditTargets,
  purchaseSearchApiPath,
  purchaseSearchResultSchema,
  purchaseSearchSchema,
} from '@unity-purchase/contracts';
import { createApiRouter, type ApiRouter } from '@unity-purchase/service-kit';
import { json } from 'express';
import type { AuditLog } from '../audit/audit-log.js';
import type { FindPurchases } from '../purchases/find-purchases.js';
import { auditedRoute } from './audited-route.js';
import { bodyProblems, commonProblems } from './common-problems.js';

type Dependencies = { findPurchases: FindPurchases; audit: Pick<AuditLog, 'write'> };

/** A name and a cursor, as JSON with escapes. */
const bodyBytesMax = 8 * 1024;

/** Searches the purchases of all shoppers, for operators. */
export function purchaseSearchesRouter({ findPurchases, audit }: Dependencies): ApiRouter {
  const api = createApiRouter();
  auditedRoute(
    api,
    {
      method: 'POST',
      path: purchaseSearchApiPath,
      summary:
        'Finds shoppers by name among the newest purchases, with a cursor of the older ones, or purchases by the first characters of their number',
      body: purchaseSearchSchema,
      before: [json({ limit: bodyBytesMax, strict: false })],
      answer: { status: 200, description: 'What was found', schema: purchaseSearchResultSchema },
      problems: [...bodyProblems, 'invalid-cursor', ...commonProblems],
    },
    {
      audit,
      action: 'find-purchase',
      targetOf: ({ body }) =>
        'name' in body ? auditTargets.name : auditTargets.numberStart(body.numberStart),
    },
    ({ body, signal }) => findPurchases(body, signal),
  );
  return api;
}
