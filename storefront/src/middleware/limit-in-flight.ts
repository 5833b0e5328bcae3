import { AppError, onceLeft } from '@unity-purchase/service-kit';
import type { RequestHandler } from 'express';
import { clientOf } from './rate-limit.js';

/**
 * Limits the requests of one client that arrive or are answered at the same time, and answers further ones with 429. Without
 * it, one client could take all places of the shop (`REQUESTS_IN_FLIGHT_MAX`). Clients are those of the rate limit. Event streams
 * have limits of their own.
 */
export function limitInFlight(requestsPerClientMax: number): RequestHandler {
  const inFlight = new Map<string, number>();
  return function limitRequestsInFlight(request, response, next) {
    const client = clientOf(request, response);
    const count = inFlight.get(client) ?? 0;
    if (count >= requestsPerClientMax) {
      // The body of a refused request is not worth waiting for.
      if (!request.complete) response.set('Connection', 'close');
      throw new AppError('too-many-requests', {
        detail: 'This client has too many requests in progress.',
        retryAfterSeconds: 1,
      });
    }
    inFlight.set(client, count + 1);
    onceLeft(response, () => {
      const left = (inFlight.get(client) ?? 1) - 1;
      if (left === 0) inFlight.delete(client);
      else inFlight.set(client, left);
    });
    next();
  };
}
