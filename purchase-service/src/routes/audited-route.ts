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
import { isOperators, operatorOf } from './operator-of.js';

/** How an operation appears in the audit log. */
type AuditOptions<Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> = {
  audit: Pick<AuditLog, 'write'>;
  /** A function of the target if the action depends on whether there is one. */
  action: AuditAction | ((target: string | undefined) => AuditAction);
  /** The one thing that a valid request is about; without it, or if it is undefined, the request is about no one thing. */
  targetOf?: (request: Pick<ApiRequest<Path, Query, Body>, 'path' | 'query' | 'body'>) => string | undefined;
  /** Why, if the operator says so. */
  reasonOf?: (request: Pick<ApiRequest<Path, Query, Body>, 'body'>) => string | undefined;
  /** Who calls it. What the storefront requests for its shoppers is not audited. Operators by default. */
  callers?: 'operators' | 'shoppers and operators';
};

const operatorHeaders = z.object({
  [operatorHeader]: z
    .string()
    .meta({
      description:
        'The name of the operator, percent-encoded. With the operator token, the audit log marks it as given by the holder.',
    })
    .optional(),
});

/**
 * Adds an audited operation to an API. A valid request of an operator is written to the audit log before the handler is called;
 * if it cannot be written, the request fails with the log's error and the handler is not called. An invalid request is not
 * audited. A request whose operator header cannot be read is answered with 400 `invalid-operator`.
 *
 * Every operation that returns or changes something about a shopper is audited, so that no operator does either unseen.
 */
export function auditedRoute<
  Answer extends z.ZodType,
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
>(
  api: ApiRouter,
  operation: ApiOperation<Path, Query, Body, Answer>,
  { audit, action, targetOf, reasonOf, callers = 'operators' }: AuditOptions<Path, Query, Body>,
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
    if (callers === 'operators' || isOperators(request, response)) {
      const target = targetOf?.(inputs);
      await audit.write({
        operator: operatorOf(request, response),
        action: typeof action === 'string' ? action : action(target),
        target,
        reason: reasonOf?.(inputs),
        requestId: requestIdOf(response),
      });
    }
    return handler(inputs);
  });
}
