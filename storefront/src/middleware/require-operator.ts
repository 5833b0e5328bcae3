import type { RequestHandler, Response } from 'express';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { operatorSignInPath, paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';

/** Redirects everyone but operators to the operator sign-in, and from there back: to the page, or after a form to the desk. */
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

/** The operator of a request that passed `requireOperator`. */
export function operatorOf(response: Response): string {
  return response.locals['operator'] as string;
}
