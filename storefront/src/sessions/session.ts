import { shopperSchema, type Shopper } from '@unity-purchase/contracts';
import type { RequestHandler, Response } from 'express';
import type { OperatorPass } from '../operators/operator-passes.js';
import { openSealedCookie } from './sealed-cookie.js';
import type { SessionSecrets } from './session-secrets.js';

/** A fortnight: long enough that a shopper who comes back is still known. */
const sessionSeconds = 14 * 24 * 60 * 60;

/** Who is at the other end, as an encrypted cookie says: the server keeps nothing. */
export type Session = {
  shopper: Shopper | undefined;
  /** Whoever it was before, and whatever they were allowed, is gone. */
  signIn: (shopper: Shopper) => Promise<void>;
  /** What an operator's session holds besides; whether it counts is for `operator-passes.ts` to say. */
  operatorPass: unknown;
  admitOperator: (pass: OperatorPass) => Promise<void>;
  signOut: () => void;
};

export type SessionSettings = { secrets: SessionSecrets; secure: boolean };

/** Reads the session before the routes do. */
export function sessions(settings: SessionSettings): RequestHandler {
  const cookie = { ...settings, name: 'session', seconds: sessionSeconds };
  return async function readSession(request, response, next) {
    // What follows depends on who asks: no cache may show it to another.
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

/** For one request, whoever brought a token of theirs is the shopper, whatever the cookie says. */
export function actAs(session: Session, shopper: Shopper): void {
  session.shopper = shopper;
}

/** The session of the request being answered. */
export function sessionOf(response: Response): Session {
  return response.locals['session'] as Session;
}
