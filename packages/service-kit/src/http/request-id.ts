import type { RequestHandler, Response } from 'express';
import { v4 } from 'uuid';

/** An id from outside is used only if it cannot harm a log: anything else gets a new one. */
const acceptable = /^[\w.:-]{1,64}$/;

/** Gives every request an id, taken from `X-Request-Id` where that is harmless, and returns it in the same header. */
export const requestId: RequestHandler = function assignRequestId(request, response, next) {
  const inbound = request.get('x-request-id');
  const id = inbound !== undefined && acceptable.test(inbound) ? inbound : v4();
  response.locals['requestId'] = id;
  response.set('X-Request-Id', id);
  next();
};

/** The id that `requestId` gave to the request being answered. */
export function requestIdOf(response: Response): string {
  return String(response.locals['requestId']);
}
