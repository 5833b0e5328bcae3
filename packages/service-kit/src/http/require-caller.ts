import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import { readBearer } from './bearer.js';
import { AppError } from '../errors/app-error.js';

/** The tokens by which callers of a service authenticate. Without a token, no caller can authenticate that way. */
export type CallerTokens = { sidecar: string | undefined; operator: string | undefined };

/** The caller of a request: an operator with the operators' token, or else the sidecar (or a caller that looks the same). */
export type Caller = 'sidecar' | 'operator';

/** The header in which the sidecar sends `APP_API_TOKEN` (https://docs.dapr.io/operations/security/app-api-token/). */
const sidecarHeader = 'dapr-api-token';

/** Checks whether a request comes from the service's own sidecar. If the sidecar has no token, every request passes. */
export function sidecarCheck(tokens: CallerTokens): (request: IncomingMessage) => boolean {
  const isSidecar = tokenCheck(tokens.sidecar);
  return ({ headers }) => tokens.sidecar === undefined || isSidecar(String(headers[sidecarHeader] ?? ''));
}

/**
 * Admits the service's own sidecar, operators with their token, or both; any other request gets 401. If the sidecar has no
 * token, callers cannot be distinguished and all of them are admitted; that is for development, where services listen on the
 * loopback interface only. Routes for operators require the operators' token, if there is one. See `callerOf`.
 */
export function requireCaller(
  tokens: CallerTokens,
  who: 'sidecar' | 'sidecar or operator' | 'operator',
): RequestHandler {
  const isAdmitted = who === 'operator' ? operatorsAreUnknown(tokens) : sidecarCheck(tokens);
  const isOperator = tokenCheck(who === 'sidecar' ? undefined : tokens.operator);
  return function admitCaller(request, response, next) {
    const bearer = readBearer(request.get('authorization'));
    const token = typeof bearer === 'object' ? bearer.token : '';
    const caller: Caller | false = isOperator(token) ? 'operator' : isAdmitted(request) && 'sidecar';
    if (caller === false && bearer !== undefined)
      response.set('WWW-Authenticate', 'Bearer error="invalid_token"');
    if (caller === false) throw new AppError('not-authenticated');
    response.locals['caller'] = caller;
    next();
  };
}

/** The caller that `requireCaller` admitted. @throws Error if the route does not use `requireCaller` */
export function callerOf(response: Response): Caller {
  const caller: unknown = response.locals['caller'];
  if (caller === 'operator' || caller === 'sidecar') return caller;
  throw new Error('the route does not require a caller');
}

function operatorsAreUnknown(tokens: CallerTokens): () => boolean {
  return () => tokens.sidecar === undefined && tokens.operator === undefined;
}

/**
 * Checks whether a text is the token; without a token, no text is. The comparison takes constant time. It compares digests,
 * which have the same length.
 */
export function tokenCheck(token: string | undefined): (sent: string) => boolean {
  if (token === undefined) return () => false;
  const expected = digest(token);
  return (sent) => timingSafeEqual(digest(sent), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
