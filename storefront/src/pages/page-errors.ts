import { AppError, logRequestError, requestIdOf, toAppError, type Logger } from '@unity-purchase/service-kit';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { paths } from '../paths.js';

const titles: Readonly<Record<string, string>> = {
  'dead-letters-unavailable': 'The dead letters cannot be shown right now',
  'dead-letter-not-found': 'There is no such dead letter',
  'dead-letter-not-valid': 'This event cannot be replayed',
  'history-unavailable': 'Your purchases cannot be shown right now',
  'product-not-found': 'We do not sell that',
  'purchase-not-found': 'No purchase with this number is recorded',
  'sign-in-failed': 'Signing in did not work',
  'sign-in-refused': 'You are not signed in',
  'sign-in-unavailable': 'Nobody can sign in right now',
  'too-many-requests': 'That was a little too fast',
  'cross-origin': 'This form came from somewhere else',
};

/** What a page says where there is none. */
export const pageNotFound: RequestHandler = function answerPageNotFound() {
  throw new AppError('not-found', 404, 'Check the address, or start again from the shop.');
};

/** The error handler of pages: one page for all, which says what happened and what did not. */
export function pageErrors(logger: Logger): ErrorRequestHandler {
  return function showErrorPage(thrown: unknown, request, response, next) {
    const error = toAppError(thrown);
    logRequestError(logger, response, error);
    if (response.headersSent) {
      next(thrown);
      return;
    }
    if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
    const { status, code } = error;
    response.status(status).render('error', {
      title:
        titles[code] ??
        (status === 404
          ? 'Page not found'
          : status < 500
            ? 'That did not work'
            : 'Sorry, something went wrong'),
      message: status < 500 ? error.message : undefined,
      url: request.method === 'GET' ? request.originalUrl : paths.purchases,
      code,
      requestId: requestIdOf(response),
    });
  };
}
