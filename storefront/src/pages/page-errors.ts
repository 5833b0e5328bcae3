import { AppError, logRequestError, requestIdOf, toAppError, type Logger } from '@unity-purchase/service-kit';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { localeOf } from '../middleware/page-locale.js';
import { paths } from '../paths.js';
import type { Texts } from '../texts/languages.js';

/** What a page says where there is none. */
export const pageNotFound: RequestHandler = function answerPageNotFound() {
  throw new AppError('not-found');
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
    const { errors } = localeOf(response).texts;
    const { title, message } = wordsFor(error, errors);
    response.status(error.status).render('error', {
      title,
      message: message ?? errors.shopCannot,
      url: request.method === 'GET' ? request.originalUrl : paths.purchases,
      canTryAgain: error.status >= 500,
      requestId: requestIdOf(response),
    });
  };
}

/** What an error is called in the shopper's language: by its code, or at least by its kind. */
function wordsFor({ code, status }: AppError, errors: Texts['errors']): { title: string; message?: string } {
  const known = Object.hasOwn(errors.byCode, code) ? errors.byCode[code] : undefined;
  if (known !== undefined) return known;
  if (status === 404) return errors.notFound;
  return status < 500 ? errors.refused : errors.unexpected;
}
