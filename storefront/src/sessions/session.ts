import { shopperSchema, type Shopper } from '@unity-purchase/contracts';
import type { RequestHandler, Response } from 'express';
import type { OperatorPass } from '../operators/operator-passes.js';
import { openSealedCookie } from './sealed-cookie.js';
import type { SessionSecrets } from './session-secrets.js';
import { demoMethod, type SignInMethod } from './sign-in-method.js';

/** Two weeks, so that returning shoppers are still signed in. */
const sessionSeconds = 14 * 24 * 60 * 60;

/** The session of the current request. It is stored in an encrypted cookie, not on the server. */
export type Session = {
  shopper: Shopper | undefined;
  /** Signs a shopper in by a method. This removes the previous shopper and an operator pass. */
  signIn: (shopper: Shopper, method: SignInMethod) => Promise<void>;
  /** The operator pass in the session, not yet checked: see `operator-passes.ts`. */
  operatorPass: unknown;
  admitOperator: (pass: OperatorPass) => Promise<void>;
  signOut: () => void;
};

export type SessionSettings = { secrets: SessionSecrets; secure: boolean };

/** Reads the session before the routes. A shopper who signed in by a method that is not in `methods` is not signed in. */
export function sessions(settings: SessionSettings, methods: readonly SignInMethod[]): RequestHandler {
  const cookie = { ...settings, name: 'session', seconds: sessionSeconds };
  return async function readSession(request, response, next) {
    // Responses depend on the session, so shared caches must not store them.
    response.set('Cache-Control', 'private, no-store');
    const sealed = await openSealedCookie<{ shopper: unknown; method: unknown; operatorPass: unknown }>(
      request,
      response,
      cookie,
    );
    // Until version 0.1.0, sessions did not have a method. They prove as much as a demo session does: nothing.
    const isOffered = methods.some((method) => method === (sealed.method ?? demoMethod));
    const session: Session = {
      shopper: isOffered ? shopperSchema.safeParse(sealed.shopper).data : undefined,
      signIn: async (shopper, method) => {
        sealed.shopper = shopper;
        sealed.method = method;
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
