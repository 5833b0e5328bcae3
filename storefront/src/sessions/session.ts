import { shopperSchema, type Shopper } from '@unity-purchase/contracts';
import type { RequestHandler, Response } from 'express';
import type { OperatorPass } from '../operators/operator-passes.js';
import { openSealedCookie } from './sealed-cookie.js';
import type { SessionSecrets } from './session-secrets.js';

/** Two weeks, so that returning shoppers are still signed in. */
const sessionSeconds = 14 * 24 * 60 * 60;

/** The session of the current request. It is stored in an encrypted cookie, not on the server. */
export type Session = {
  shopper: Shopper | undefined;
  /** Signs a shopper in. This removes the previous shopper and an operator pass. */
  signIn: (shopper: Shopper) => Promise<void>;
  /** The operator pass in the session, not yet checked: see `operator-passes.ts`. */
  operatorPass: unknown;
  admitOperator: (pass: OperatorPass) => Promise<void>;
  signOut: () => void;
};

export type SessionSettings = { secrets: SessionSecrets; secure: boolean };

/** Reads the session before the routes. */
export function sessions(settings: SessionSettings): RequestHandler {
  const cookie = { ...settings, name: 'session', seconds: sessionSeconds };
  return async function readSession(request, response, next) {
    // Responses depend on the session, so shared caches must not store them.
    response.set('Cache-Control', 'private, no-store');
    const sealed = await openSealedCookie<{ shopper: unknown; operatorPass: unknown }>(
      request,
      response,
      cookie,
    );
    const session: Session = {
      shopper: shopperSchema.safeParse(sealed.shopper).data,
      signIn: async (shopper) => {
        sealed.shopper = shopper;
        delete sealed.operatorPass;
        await sealed.save();
      },
      operatorPass: sealed.operatorPass,
      admitOperator: async (pass) => {
        sealed.operatorPass = pass;
        await sealed.save();
      },
      signOut: () => {
        sealed.destroy();
      },
    };
    response.locals['session'] = session;
    next();
  };
}

/** Replaces the shopper for the current request only, without changing the cookie. */
export function actAs(session: Session, shopper: Shopper): void {
  session.shopper = shopper;
}

/** The session of the current request. */
export function sessionOf(response: Response): Session {
  return response.locals['session'] as Session;
}
