import {
  namelessOperators,
  operatorHeader,
  operatorHeaderSchema,
  tokenHolder,
} from '@unity-purchase/contracts';
import { AppError, callerOf } from '@unity-purchase/service-kit';
import type { Request, Response } from 'express';

/**
 * The operator on whose behalf a request is made: the one that the sidecar's request names, or the holder of the operators'
 * token, with the name that the holder gives.
 *
 * @throws AppError 400 `invalid-operator` if the header with the name cannot be read
 */
export function operatorOf(request: Request, response: Response): string {
  const name = sentName(request);
  return callerOf(response) === 'operator' ? tokenHolder(name) : (name ?? namelessOperators.unknown);
}

/** Whether an operator makes a request. Otherwise the storefront makes it for a shopper. */
export function isOperators(request: Request, response: Response): boolean {
  return callerOf(response) === 'operator' || request.get(operatorHeader) !== undefined;
}

function sentName(request: Request): string | undefined {
  const sent = request.get(operatorHeader);
  if (sent === undefined) return undefined;
  const read = operatorHeaderSchema.safeParse(sent);
  if (read.success) return read.data;
  throw new AppError('invalid-operator', {
    problems: read.error.issues.map(({ message }) => ({ path: operatorHeader, message })),
  });
}
