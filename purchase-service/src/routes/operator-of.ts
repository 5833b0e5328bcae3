import { namelessOperators, operatorHeader, operatorHeaderSchema } from '@unity-purchase/contracts';
import { AppError, callerOf } from '@unity-purchase/service-kit';
import type { Request, Response } from 'express';

/**
 * The operator on whose behalf a request is made: the one that the sidecar's request names, or the holder of the operators'
 * token. A name sent with that token is ignored, because the holder could send any name.
 *
 * @throws AppError 400 `invalid-operator` if the header with the name cannot be read
 */
export function operatorOf(request: Request, response: Response): string {
  if (callerOf(response) === 'operator') return namelessOperators.withToken;
  const sent = request.get(operatorHeader);
  if (sent === undefined) return namelessOperators.unknown;
  const read = operatorHeaderSchema.safeParse(sent);
  if (read.success) return read.data;
  throw new AppError('invalid-operator', {
    problems: read.error.issues.map(({ message }) => ({ path: operatorHeader, message })),
  });
}
