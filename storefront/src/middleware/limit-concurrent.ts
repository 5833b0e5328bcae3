import { onceLeft, type AppError } from '@unity-purchase/service-kit';
import type { Request, RequestHandler, Response } from 'express';

/** Counts requests under a key from their arrival to the end of their answers. */
export type ConcurrentLimit = {
  max: number;
  keyOf: (request: Request, response: Response) => string;
  /** The answer to a request beyond the limit. */
  refusal: () => AppError;
};

/** Limits the requests with one key that arrive or are answered at the same time. */
export function limitConcurrent({ max, keyOf, refusal }: ConcurrentLimit): RequestHandler {
  const counts = new Map<string, number>();
  return function limitConcurrentRequests(request, response, next) {
    const key = keyOf(request, response);
    const count = counts.get(key) ?? 0;
    if (count >= max) {
      // The body of a refused request is not worth waiting for.
      if (!request.complete) response.set('Connection', 'close');
      throw refusal();
    }
    counts.set(key, count + 1);
    onceLeft(response, () => {
      const left = (counts.get(key) ?? 1) - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    });
    next();
  };
}
