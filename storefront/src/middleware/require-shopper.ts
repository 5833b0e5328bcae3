import type { Shopper } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import type { RequestHandler, Response } from 'express';
import { paths, signInPath } from '../paths.js';
import { sessionOf } from '../sessions/session.js';

/** For pages: redirects strangers to the sign-in, and from there back: to the page, or after a form to the history. */
export const requireShopper: RequestHandler = function requireSignedInShopper(request, response, next) {
  if (sessionOf(response).shopper !== undefined) {
    next();
    return;
  }
  response.redirect(303, signInPath(request.method === 'GET' ? request.originalUrl : paths.purchases));
};

/** For the API: answers requests without a signed-in shopper with 401. */
export const requireApiShopper: RequestHandler = function requireSignedInApiShopper(
  _request,
  response,
  next,
) {
  if (sessionOf(response).shopper === undefined) throw new AppError('not-signed-in');
  next();
};

/** The shopper of a request that passed `requireShopper` or `requireApiShopper`. */
export function shopperOf(response: Response): Shopper {
  const { shopper } = sessionOf(response);
  if (shopper === undefined) throw new TypeError('the route does not require a shopper');
  return shopper;
}
