import type { RequestHandler } from 'express';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { operatorSignInPath, paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';

/** Lets operators on, and has everybody else sign in as one; after a form they start at the list. */
export function requireOperator(passes: OperatorPasses): RequestHandler {
  return function requireSignedInOperator(request, response, next) {
    if (passes.isValid(sessionOf(response).operatorPass)) next();
    else
      response.redirect(
        303,
        operatorSignInPath(request.method === 'GET' ? request.originalUrl : paths.deadLetters),
      );
  };
}
