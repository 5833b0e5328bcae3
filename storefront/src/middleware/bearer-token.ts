import { AppError, readBearer } from '@unity-purchase/service-kit';
import type { RequestHandler } from 'express';
import { actAs, sessionOf } from '../sessions/session.js';
import type { ReadApiToken } from '../sign-in/api-tokens.js';
import type { FailureLimit } from './rate-limit.js';

/**
 * Signs in the shopper of a bearer token for one API request. The token takes precedence over a session cookie. An invalid
 * or malformed token is an error, never the same as no token (RFC 6750). Such errors count against the limit of their address, and
 * beyond it tokens are not even read.
 */
export function bearerToken(read: ReadApiToken | undefined, failures: FailureLimit): RequestHandler {
  return async function readBearerToken(request, response, next) {
    const bearer = readBearer(request.get('authorization'));
    if (bearer === undefined) {
      next();
      return;
    }
    await failures.requireRoom(request);
    try {
      if (read === undefined) throw new AppError('no-tokens');
      if (bearer === 'malformed')
        throw new AppError('invalid-token', {
          detail: 'The header "Authorization" does not contain one bearer token.',
        });
      actAs(sessionOf(response), (await read(bearer.token)).shopper);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.status !== 401) throw thrown;
      if (thrown.code === 'invalid-token') response.set('WWW-Authenticate', 'Bearer error="invalid_token"');
      failures.count(request, response, (limited?: unknown) => {
        next(limited ?? thrown);
      });
      return;
    }
    next();
  };
}
