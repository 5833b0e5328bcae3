import { AppError, logRequestError, requestIdOf, toAppError, type Logger } from '@unity-purchase/service-kit';
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { localeOf } from '../middleware/page-locale.js';
import { paths } from '../paths.js';
import type { Texts } from '../texts/languages.js';
import { hasText, type ProblemText } from '../texts/problem-texts.js';

/** Answers every request that no route handled. */
export const pageNotFound: RequestHandler = function answerPageNotFound() {
  throw new AppError('not-found');
};

/** Logs an error and shows the error page in the shopper's language. */
export function pageErrors(logger: Logger): ErrorRequestHandler {
  return function showErrorPage(thrown: unknown, request, response, next) {
    const error = toAppError(thrown);
    logRequestError(logger, response, error);
    if (response.headersSent) {
      next(thrown);
      return;
    }
    if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
    const { title, message } = textOf(error, localeOf(response).texts.errors);
    response.status(error.status).render('error', {
      title,
      message,
      url: retryAddress(request),
      canTryAgain: error.status >= 500 && error.code !== 'sign-in-misconfigured',
      requestId: requestIdOf(response),
    });
  };
}

/** Where to try again. An address that the issuer redirected to works only once, so there a new attempt begins. */
function retryAddress({ method, path, originalUrl }: Request): string {
  if (path === paths.signInCallback) return paths.signIn;
  return method === 'GET' ? originalUrl : paths.purchases;
}

/** The text for an error's code, or else for its status. */
function textOf({ code, status }: AppError, errors: Texts['errors']): ProblemText {
  if (hasText(code)) return errors.byCode[code];
  if (status === 404) return errors.notFound;
  return status < 500 ? errors.refused : errors.unexpected;
}
