import { operatorHeader, type AuditAction } from '@unity-purchase/contracts';
import {
  requestIdOf,
  route,
  type ApiHandler,
  type ApiOperation,
  type ApiRequest,
  type ApiRouter,
} from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { AuditLog } from '../audit/audit-log.js';
import { operatorOf } from './operator-of.js';

/** How an operation appears in the audit log. */
type AuditOptions<Path extends z.ZodObject, Query extends z.ZodObject> = {
  audit: Pick<AuditLog, 'write'>;
  /** A function of the target if the action depends on whether there is one. */
  action: AuditAction | ((target: string | undefined) => AuditAction);
  /** The one thing that a valid request is about; without it, or if it is undefined, the request is about no one thing. */
  targetOf?: (request: Pick<ApiRequest<Path, Query>, 'path' | 'query'>) => string | undefined;
};

const operatorHeaders = z.object({
  [operatorHeader]: z
    .string()
    .meta({
      description:
        'The name of the operator, percent-encoded. Ignored unless the request comes from the sidecar.',
    })
    .optional(),
});

/**
 * Adds an audited operation to an API. A valid request is written to the audit log before the handler is called; if it cannot
 * be written, the request fails with the log's error and the handler is not called. An invalid request is not audited.
 *
 * Every operation for operators is audited; those that the storefront calls for its shoppers are not. A request whose operator
 * header cannot be read is answered with 400 `invalid-operator`.
 */
export function auditedRoute<
  Answer extends z.ZodType,
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
>(
  api: ApiRouter,
  operation: ApiOperation<Path, Query, Body, Answer>,
  { audit, action, targetOf }: AuditOptions<Path, Query>,
  handler: ApiHandler<Path, Query, Body, Answer>,
): void {
  const { problems } = operation;
  const documented = {
    ...operation,
    headers: operatorHeaders,
    problems: [...problems, 'invalid-operator'] as const,
  };
  route(api, documented, async (inputs) => {
    const { request, response } = inputs;
    const target = targetOf?.(inputs);
    await audit.write({
      operator: operatorOf(request, response),
      action: typeof action === 'string' ? action : action(target),
      target,
      requestId: requestIdOf(response),
    });
    return handler(inputs);
  });
}
