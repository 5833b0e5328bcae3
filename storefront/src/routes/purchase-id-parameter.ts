import { purchaseIdSchema } from '@unity-purchase/contracts';
import { parsePath } from '@unity-purchase/service-kit';
import type { Request } from 'express';
import { z } from 'zod';

const schema = z.object({ purchaseId: purchaseIdSchema });

/** The purchase id in a request's path. @throws AppError 404: what is not an id names no purchase */
export function purchaseIdParameter(request: Request): string {
  return parsePath(schema, request).purchaseId;
}
