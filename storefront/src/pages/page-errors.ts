import { AppError, logRequestError, requestIdOf, toAppError, type Logger } from '@unity-purchase/service-kit';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { deskLocalsOf } from '../middleware/desk-locals.js';
import { localeOf } from '../middleware/page-locale.js';
import { paths } from '../paths.js';
import type { Texts } from '../texts/languages.js';
import { hasText, type ProblemText } from '../texts/problem-texts.js';
import { viewDeskError } from './desk-errors.js';

/** Answers every request that no route handled. */
export const pageNotFound: RequestHandler = function answerPageNotFound() {
  throw new AppError('not-found');
};

/** Logs an error and shows an error page in the visitor's language: for operators on the desk in its own words and frame. */
export function pageErrors(logger: Logger): ErrorRequestHandler {
  return function showErrorPage(thrown: unknown, request, response, next) {
    const error = toAppError(thrown);
    logRequestError(logger, response, error);
    if (response.headersSent) {
      next(thrown);
      return;
    }
    if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
    const canTryAgain = error.status >= 500 && error.code !== 'sign-in-misconfigured';
    const page = { canTryAgain, requestId: requestIdOf(response) };
    response.status(error.status);
    const desk = deskLocalsOf(response);
    if (desk !== undefined) {
      const url = request.method === 'GET' ? request.originalUrl : desk.section;
      response.render('desk-error', { ...page, url, ...viewDeskError(error, desk, localeOf(response)) });
      return;
    }
    response.render('error', {
      ...page,
      url: retryAddress(request),
      ...(isAbsentDesk(request, response)
        ? localeOf(response).texts.desk.failures.notEnabled
        : textOf(error, localeOf(response).texts.errors)),
    });
  };
}

/** As Express compares paths: in upper or lower case. */
const deskPath = /^\/operators(?:\/|$)/i;

/** Whether a page of the desk was requested, and the shop has none. */
function isAbsentDesk({ path }: Request, { locals }: Response): boolean {
  return deskPath.test(path) && locals['hasDesk'] === false;
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
