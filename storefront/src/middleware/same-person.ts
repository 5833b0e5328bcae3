import { createHash } from 'node:crypto';
import { shopperKey } from '@unity-purchase/contracts';
import type { RequestHandler, Response } from 'express';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { renderOtherPerson } from '../pages/other-person.js';
import { pageOfForm, paths, signInPath } from '../paths.js';
import { sessionOf } from '../sessions/session.js';

/** The hidden field in which a form says for whom its page was made. */
export const personField = 'person';

/** The people of the current session, as forms name them. Both are undefined if no one is signed in. */
export type People = { shopper: string | undefined; operator: string | undefined };

/** How forms name an operator. The hash has the same length for every name, and differs from every shopper's. */
const operatorsField = (operator: string) =>
  `${operatorsPrefix}${createHash('sha256').update(operator).digest('base64url')}`;

const operatorsPrefix = 'operator-';

/** The people who are signed in now, as forms name them. */
export function peopleOf(response: Response, passes: OperatorPasses | undefined): People {
  const { shopper, operatorPass } = sessionOf(response);
  const operator = passes?.operatorOf(operatorPass);
  return {
    shopper: shopper && shopperKey(shopper.id),
    operator: operator === undefined ? undefined : operatorsField(operator),
  };
}

/**
 * Refuses a form with 409 if its page was made for another person than the one who is signed in now. All tabs of a browser share
 * the session, so someone can sign in in one tab while another still shows the previous person's page. If that person has only
 * signed out, the form leads to the sign-in; the checkout does that itself, because it keeps the order.
 *
 * Forms that belong to the browser do not have the field: language, currency, signing in and signing out. Neither have pages of
 * earlier versions, and in pages without a shopper it is empty. Both act for the person who is signed in; only an order must name
 * its shopper.
 */
export function samePerson(passes: OperatorPasses | undefined): RequestHandler {
  return function requireSamePerson(request, response, next) {
    const { [personField]: person, ...fields } = (request.body ?? {}) as Record<string, unknown>;
    if (request.method !== 'POST' || typeof person !== 'string') {
      next();
      return;
    }
    request.body = fields;
    response.locals['personOfForm'] = person;
    const people = peopleOf(response, passes);
    if (person === '' || person === people.shopper || person === people.operator) {
      next();
      return;
    }
    const isOperators = person.startsWith(operatorsPrefix);
    const now = isOperators
      ? passes?.operatorOf(sessionOf(response).operatorPass)
      : sessionOf(response).shopper?.name;
    if (now !== undefined) renderOtherPerson(response, now);
    else if (isOperators || request.path === paths.purchases) next();
    else response.redirect(303, signInPath(pageOfForm(request.path)));
  };
}

/** The person named in the form of the current request; undefined if the form names no one. */
export function personOfForm(response: Response): string | undefined {
  const person = response.locals['personOfForm'] as string | undefined;
  return person === '' ? undefined : person;
}
