import { shopperKey } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit, type RateLimitInfo } from 'express-rate-limit';
import { sessionOf } from '../sessions/session.js';

const windowMs = 60_000;

/**
 * Limits the requests of each client in a minute and answers further ones with 429 and `Retry-After`. A client is a signed-in
 * shopper, or else an address. Each replica counts separately.
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
    // TRUST_PROXY decides whether these headers are trusted. Untrusted ones are ignored, so no warning is needed.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
  });
}

/** The client of a request: the signed-in shopper, or else the address. */
export function clientOf(request: Request, response: Response): string {
  const { shopper } = sessionOf(response);
  if (shopper !== undefined) return `shopper ${shopperKey(shopper.id)}`;
  return `address ${ipKeyGenerator(request.ip ?? '')}`;
}

function secondsUntilReset(request: Request): number {
  const { resetTime } = (request as Request & { rateLimit: RateLimitInfo }).rateLimit;
  const leftMs = resetTime === undefined ? windowMs : resetTime.getTime() - Date.now();
  return Math.max(1, Math.ceil(leftMs / 1_000));
}
