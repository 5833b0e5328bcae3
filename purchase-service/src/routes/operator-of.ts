import { namelessOperators, operatorHeader, operatorHeaderSchema } from '@unity-purchase/contracts';
import { AppError, callerOf } from '@unity-purchase/service-kit';
import type { Request, Response } from 'express';

/**
 * Which operator asks: somebody with the operators' token, or whoever the sidecar's request names. Whoever has the token
 * could name anybody, and is not believed.
 *
 * @throws AppError 400 `invalid-operator` if what names them cannot be read
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
