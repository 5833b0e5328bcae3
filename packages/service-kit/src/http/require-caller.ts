import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import { AppError } from '../errors/app-error.js';

/** What callers of a service prove themselves with; one that is not set lets nobody in by it. */
export type CallerTokens = { sidecar: string | undefined; operator: string | undefined };

/** Who was let in: somebody who bears the operators' token, or else the sidecar, or who cannot be told from it. */
export type Caller = 'sidecar' | 'operator';

/** Where the sidecar puts `APP_API_TOKEN` (https://docs.dapr.io/operations/security/app-api-token/). */
const sidecarHeader = 'dapr-api-token';

/** Tells whether a request comes from the service's own sidecar; where that has no token, every request does. */
export function sidecarCheck(tokens: CallerTokens): (request: IncomingMessage) => boolean {
  const isSidecar = tokenCheck(tokens.sidecar);
  return ({ headers }) => tokens.sidecar === undefined || isSidecar(String(headers[sidecarHeader] ?? ''));
}

/**
 * Lets in the service's own sidecar, or who bears the operators' token, or both; everybody else gets 401, and learns nothing
 * of what is behind. Where the sidecar has no token, nobody can be told apart and everybody is let in: that is for one's own
 * machine, where services listen on the loopback interface only. What is for operators wants their token, if they have one.
 * Who it was is noted down: see `callerOf`.
 */
export function requireCaller(
  tokens: CallerTokens,
  who: 'sidecar' | 'sidecar or operator' | 'operator',
): RequestHandler {
  const isAdmitted = who === 'operator' ? operatorsAreUnknown(tokens) : sidecarCheck(tokens);
  const isOperator = tokenCheck(who === 'sidecar' ? undefined : tokens.operator);
  return function admitCaller(request, response, next) {
    const [, bearer = ''] = /^Bearer (.+)$/i.exec(request.get('authorization') ?? '') ?? [];
    const caller: Caller | false = isOperator(bearer) ? 'operator' : isAdmitted(request) && 'sidecar';
    if (caller === false) throw new AppError('not-authenticated');
    response.locals['caller'] = caller;
    next();
  };
}

/** Who `requireCaller` let in with the request being answered. @throws Error if it let nobody in */
export function callerOf(response: Response): Caller {
  const caller: unknown = response.locals['caller'];
  if (caller === 'operator' || caller === 'sidecar') return caller;
  throw new Error('nobody was asked who they are');
}

function operatorsAreUnknown(tokens: CallerTokens): () => boolean {
  return () => tokens.sidecar === undefined && tokens.operator === undefined;
}

/**
 * Tells whether what was sent is the token; nothing is, where there is none. Compares in a time that tells nothing: of
 * digests, because what is compared must have one length.
 */
export function tokenCheck(token: string | undefined): (sent: string) => boolean {
  if (token === undefined) return () => false;
  const expected = digest(token);
  return (sent) => timingSafeEqual(digest(sent), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
