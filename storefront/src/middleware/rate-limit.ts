import { shopperKey } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit, type Options, type RateLimitInfo } from 'express-rate-limit';
import { sessionOf } from '../sessions/session.js';
import { recentHits } from './recent-hits.js';

const windowMs = 60_000;

/**
 * Limits the requests of each client in a minute and answers further ones with 429 and `Retry-After`. A client is a signed-in
 * shopper, or else an address. Each replica counts separately.
 */
export function limitRate(requestsPerMinuteMax: number): RequestHandler {
  return rateLimit({
    ...settings,
    limit: requestsPerMinuteMax,
    keyGenerator: clientOf,
    store: recentHits(windowMs),
  });
}

/** Counts failed attempts to authenticate, by address. */
export type FailureLimit = {
  /** Rejects with AppError 429 if the address has too many failures in this minute. */
  requireRoom: (request: Request) => Promise<void>;
  /** Counts a failure of the request's address, and passes 429 on if it was one too many. */
  count: RequestHandler;
};

/** Limits the failures of each address in a minute. Successful requests do not count, however many people share an address. */
export function limitFailures(failuresPerMinuteMax: number): FailureLimit {
  const count = rateLimit({
    ...settings,
    limit: failuresPerMinuteMax,
    keyGenerator: addressOf,
    store: recentHits(windowMs),
  });
  return {
    requireRoom: async (request) => {
      const failures = await count.getKey(addressOf(request));
      if (failures === undefined || failures.totalHits < failuresPerMinuteMax) return;
      throw tooManyRequests(failures.resetTime);
    },
    count,
  };
}

const settings = {
  windowMs,
  standardHeaders: 'draft-8',
  legacyHeaders: false,
  handler: (request, _response, next) => {
    next(tooManyRequests((request as Request & { rateLimit: RateLimitInfo }).rateLimit.resetTime));
  },
  // TRUST_PROXY decides whether these headers are trusted. Untrusted ones are ignored, so no warning is needed.
  validate: { xForwardedForHeader: false, forwardedHeader: false },
} satisfies Partial<Options>;

/** The client of a request: the signed-in shopper, or else the address. */
export function clientOf(request: Request, response: Response): string {
  const { shopper } = sessionOf(response);
  if (shopper !== undefined) return `shopper ${shopperKey(shopper.id)}`;
  return addressOf(request);
}

function addressOf(request: Request): string {
  return `address ${ipKeyGenerator(request.ip ?? '')}`;
}

function tooManyRequests(resetTime: Date | undefined): AppError {
  const leftMs = resetTime === undefined ? windowMs : resetTime.getTime() - Date.now();
  return new AppError('too-many-requests', { retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1_000)) });
}
