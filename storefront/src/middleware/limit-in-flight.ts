import { AppError } from '@unity-purchase/service-kit';
import type { RequestHandler } from 'express';
import { limitConcurrent } from './limit-concurrent.js';
import { clientOf } from './rate-limit.js';

/**
 * Limits the requests of one client that arrive or are answered at the same time, and answers further ones with 429. Without
 * it, one client could take all places of the shop (`REQUESTS_IN_FLIGHT_MAX`). Clients are those of the rate limit. Event streams
 * have limits of their own.
 */
export function limitInFlight(requestsPerClientMax: number): RequestHandler {
  return limitConcurrent({
    max: requestsPerClientMax,
    keyOf: clientOf,
    refusal: () =>
      new AppError('too-many-requests', {
        detail: 'This client has too many requests in progress.',
        retryAfterSeconds: 1,
      }),
  });
}
