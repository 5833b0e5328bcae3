import { auditApiPath, auditPageSchema, auditQuerySchema } from '@unity-purchase/contracts';
import { createApiRouter, type ApiRouter } from '@unity-purchase/service-kit';
import type { AuditLog } from '../audit/audit-log.js';
import { auditedRoute } from './audited-route.js';
import { pageProblems } from './common-problems.js';

/** The audit log, for operators to read. */
export function auditRouter({ audit }: { audit: Pick<AuditLog, 'write' | 'page'> }): ApiRouter {
  const api = createApiRouter();
  auditedRoute(
    api,
    {
      method: 'GET',
      path: auditApiPath,
      summary:
        'A page of the audit log, newest first; the first entry is this request. Optionally only decisions or only views: such a page can be short or empty and have older entries',
      query: auditQuerySchema,
      answer: { status: 200, description: 'The page', schema: auditPageSchema },
      problems: pageProblems,
    },
    { audit, action: 'read-audit-log' },
    ({ query: { limit, cursor, kind } }) => audit.page(limit, cursor, kind),
  );
  return api;
}
