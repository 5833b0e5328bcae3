import { AppError } from '@unity-purchase/service-kit';
import type { RequestHandler } from 'express';
import { actAs, sessionOf } from '../sessions/session.js';
import type { ReadApiToken } from '../sign-in/api-tokens.js';

/**
 * Signs in the shopper of a bearer token for one API request. The token takes precedence over a session cookie. An invalid
 * token is an error, never the same as no token (RFC 6750).
 */
export function bearerToken(read: ReadApiToken | undefined): RequestHandler {
  return async function readBearerToken(request, response, next) {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '') ?? [];
    if (token === undefined) {
      next();
      return;
    }
    if (read === undefined) throw new AppError('no-tokens');
    try {
      actAs(sessionOf(response), (await read(token)).shopper);
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.status === 401)
        response.set('WWW-Authenticate', 'Bearer error="invalid_token"');
      throw thrown;
    }
    next();
  };
}
