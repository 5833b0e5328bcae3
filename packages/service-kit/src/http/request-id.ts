import type { RequestHandler, Response } from 'express';
import { v4 } from 'uuid';

/** A caller's id is used only if it is short and safe to log; otherwise the request gets a new id. */
const acceptable = /^[\w.:-]{1,64}$/;

/** Gives every request an id and returns it in `X-Request-Id`. A caller's own id is kept if it is acceptable. */
export const requestId: RequestHandler = function assignRequestId(request, response, next) {
  const inbound = request.get('x-request-id');
  const id = inbound !== undefined && acceptable.test(inbound) ? inbound : v4();
  response.locals['requestId'] = id;
  response.set('X-Request-Id', id);
  next();
};

/** The id of the request that a response answers. */
export function requestIdOf(response: Response): string {
  return String(response.locals['requestId']);
}
