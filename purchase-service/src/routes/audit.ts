import { auditApiPath, auditPageSchema, pageQuerySchema, type AuditPage } from '@unity-purchase/contracts';
import { parseQuery, type ApiOperation } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { aPage, audited, auditedOperation, type Audit } from './audited.js';
import { pageProblems } from './documented-problems.js';

type Parts = {
  audit: Audit & { page: (limit: number, cursor: string | undefined) => Promise<AuditPage> };
};

/** The API of the audit log as its document tells it. */
export const auditOperations: readonly ApiOperation[] = [
  auditedOperation({
    method: 'GET',
    path: auditApiPath,
    summary: 'A page of what operators did, newest first: this very request stands in it, too',
    query: pageQuerySchema,
    answer: { status: 200, description: 'The page', schema: auditPageSchema },
    problems: pageProblems,
  }),
];

/** What operators did, for operators to read. */
export function auditRouter({ audit }: Parts): Router {
  const router = Router();
  router.get(auditApiPath, audited(audit, 'read-audit-log', aPage), async (request, response) => {
    const { limit, cursor } = parseQuery(pageQuerySchema, request);
    response.json(await audit.page(limit, cursor));
  });
  return router;
}
