import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { AppError } from '../errors/app-error.js';
import type { Logger } from '../logs/logger.js';
import { logRequestError } from './log-request-error.js';
import { toAppError } from './request-error.js';
import { requestIdOf } from './request-id.js';

/** Answers with an error as problem details (RFC 9457). */
export function sendProblem(response: Response, error: AppError): void {
  const problem = {
    type: 'about:blank',
    ...error.details,
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    code: error.code,
    detail: error.message,
    instance: `urn:request:${requestIdOf(response)}`,
    ...(error.problems.length > 0 ? { errors: error.problems } : {}),
  };
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
  response.status(error.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** The error handler of an API. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return function answerWithProblem(thrown: unknown, _request, response, next) {
    const error = toAppError(thrown);
    logRequestError(logger, response, error);
    if (response.headersSent) {
      next(thrown);
      return;
    }
    sendProblem(response, error);
  };
}

/** Answers 404 to every request that reaches it. */
export const notFound: RequestHandler = function answerNotFound() {
  throw new AppError('not-found');
};
