import { operatorHeader, pageQuerySchema, type AuditAction } from '@unity-purchase/contracts';
import { parsePath, parseQuery, requestIdOf, type ApiOperation } from '@unity-purchase/service-kit';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import type { Deed } from '../audit/audit-log.js';
import { operatorOf } from './operator-of.js';

/** Where it is written down what operators do. */
export type Audit = { write: (deed: Deed) => Promise<void> };

/** What a request is about, if it is about one thing. Throws for an invalid request, which does nothing that is written down. */
export type TargetOf = (request: Request) => string | undefined;

/**
 * Stands in a route before what does the thing: an operator's request goes on once it is written down, and fails with the
 * log's error if it cannot be. Every route of operators has it, and those that the storefront asks for shoppers have not.
 * Where the action depends on whether there is a target, it is a function of it.
 *
 * The handler throws AppError 400 `invalid-operator` for a request that says in no readable way who asks.
 */
export function audited(
  audit: Audit,
  action: AuditAction | ((target: string | undefined) => AuditAction),
  targetOf: TargetOf,
): RequestHandler {
  return async function writeDown(request, response, next) {
    const target = targetOf(request);
    await audit.write({
      operator: operatorOf(request, response),
      action: typeof action === 'string' ? action : action(target),
      target,
      requestId: requestIdOf(response),
    });
    next();
  };
}

/** The target that a parameter of the path names, as the path's schema reads it. The function throws AppError 404. */
export function inPath<Parameters extends Record<string, string>>(
  path: z.ZodType<Parameters>,
  parameter: keyof Parameters & string,
): TargetOf {
  return (request) => parsePath(path, request)[parameter];
}

/** A page of a list is about no one thing. @throws AppError 400 for a query that asks for none */
export const aPage: TargetOf = (request) => void parseQuery(pageQuerySchema, request);

const unreadableOperator = `The header ${operatorHeader} names no operator.`;

/** An operation as the document tells it, with what is told of all that are audited. */
export function auditedOperation(operation: ApiOperation): ApiOperation {
  const { 400: badRequest, ...problems } = operation.problems;
  return {
    ...operation,
    headers: z.object({
      [operatorHeader]: z
        .string()
        .meta({ description: 'Who asks, percent-encoded; it counts on requests of the sidecar.' })
        .optional(),
    }),
    problems: {
      400: badRequest === undefined ? unreadableOperator : `${badRequest} ${unreadableOperator}`,
      ...problems,
    },
  };
}
