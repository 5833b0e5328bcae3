import { monthSchema, purchaseIdSchema } from '@unity-purchase/contracts';
import { AppError, parsePath } from '@unity-purchase/service-kit';
import type { Request } from 'express';
import { z } from 'zod';

const purchasePathSchema = z.object({ purchaseId: purchaseIdSchema });

/** The purchase id in the path. @throws AppError 404 for an invalid id, because it identifies no purchase */
export function purchaseIdParameter(request: Request): string {
  return parsePath(purchasePathSchema, request).purchaseId;
}

/** The cursor of a page of a list; undefined for the first page. @throws AppError 400 for more than one cursor */
export function cursorParameter({ query: { cursor } }: Request): string | undefined {
  if (cursor !== undefined && typeof cursor !== 'string') throw new AppError('invalid-cursor');
  return cursor;
}

/** The month to which a list is limited; undefined for all months. @throws AppError 400 for an invalid month */
export function monthParameter({ query: { month } }: Request): string | undefined {
  if (month === undefined) return undefined;
  const parsed = monthSchema.safeParse(month);
  if (!parsed.success) throw new AppError('invalid-cursor', { detail: 'The month is not valid.' });
  return parsed.data;
}
