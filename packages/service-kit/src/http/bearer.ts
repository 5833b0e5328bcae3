import type { ErrorRequestHandler } from 'express';
import { toAppError } from './request-error.js';

/**
 * The bearer token of an `Authorization` header (RFC 6750, 2.1): `malformed` if the header has the scheme `Bearer` and not exactly one
 * token, undefined if it has another scheme or is missing.
 */
export function readBearer(authorization: string | undefined): { token: string } | 'malformed' | undefined {
  const [scheme = '', ...credentials] = (authorization ?? '').trim().split(/\s+/);
  if (scheme.toLowerCase() !== 'bearer') return undefined;
  const [token] = credentials;
  return token === undefined || credentials.length > 1 ? 'malformed' : { token };
}

/** Adds `WWW-Authenticate` to every 401 that has none (RFC 9110, 15.5.2). Place it before the handlers that answer errors. */
export function challenge(challengeText: string): ErrorRequestHandler {
  return function addChallenge(thrown: unknown, _request, response, next) {
    if (toAppError(thrown).status === 401 && !response.headersSent && !response.hasHeader('WWW-Authenticate'))
      response.set('WWW-Authenticate', challengeText);
    next(thrown);
  };
}
