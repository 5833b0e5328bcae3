import { AppError } from '@unity-purchase/service-kit';
import type { Request } from 'express';

/** The cursor in the address of a page of a list. @throws AppError 400 saying `message` for one that is no text */
export function cursorParameter(request: Request, message: string): string | undefined {
  const { cursor } = request.query;
  if (cursor !== undefined && typeof cursor !== 'string')
    throw new AppError('invalid-cursor', { detail: message });
  return cursor;
}
