import type { RequestHandler, Response } from 'express';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { operatorSignInPath, paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';

/** Lets operators on, and has everybody else sign in as one; after a form they start at the desk. */
export function requireOperator(passes: OperatorPasses): RequestHandler {
  return function requireSignedInOperator(request, response, next) {
    const operator = passes.operatorOf(sessionOf(response).operatorPass);
    if (operator === undefined) {
      const returnTo = request.method === 'GET' ? request.originalUrl : paths.operators;
      response.redirect(303, operatorSignInPath(returnTo));
      return;
    }
    response.locals['operator'] = operator;
    next();
  };
}

/** The operator of a request that the above let pass. */
export function operatorOf(response: Response): string {
  return response.locals['operator'] as string;
}
