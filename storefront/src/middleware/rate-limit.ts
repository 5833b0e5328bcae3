import { shopperKey } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit, type RateLimitInfo } from 'express-rate-limit';
import { sessionOf } from '../sessions/session.js';

const windowMs = 60_000;

/**
 * Lets each client send so many requests a minute and answers 429 with `Retry-After` beyond. A client is a shopper, or the
 * address a request came from where nobody is signed in. Every replica counts for itself.
 */
export function limitRate(requestsPerMinuteMax: number): RequestHandler {
  return rateLimit({
    windowMs,
    limit: requestsPerMinuteMax,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: clientOf,
    handler: (request, _response, next) => {
      next(new AppError('too-many-requests', { retryAfterSeconds: secondsUntilReset(request) }));
    },
    // Whether the header of a proxy is believed is said by TRUST_PROXY: where it is not, it is of no interest.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
  });
}

function clientOf(request: Request, response: Response): string {
  const { shopper } = sessionOf(response);
  if (shopper !== undefined) return `shopper ${shopperKey(shopper.id)}`;
  return `address ${ipKeyGenerator(request.ip ?? '')}`;
}

function secondsUntilReset(request: Request): number {
  const { resetTime } = (request as Request & { rateLimit: RateLimitInfo }).rateLimit;
  const leftMs = resetTime === undefined ? windowMs : resetTime.getTime() - Date.now();
  return Math.max(1, Math.ceil(leftMs / 1_000));
}
