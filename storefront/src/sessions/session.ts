import { shopperSchema, type Shopper } from '@unity-purchase/contracts';
import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { OperatorPass } from '../operators/operator-passes.js';
import { createSealedCookie } from './sealed-cookie.js';
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

const storedSchema = z
  .object({ shopper: z.unknown(), method: z.unknown(), operatorPass: z.unknown() })
  .partial();

/** Reads the session before the routes. A shopper who signed in by a method that is not in `methods` is not signed in. */
export function sessions(settings: SessionSettings, methods: readonly SignInMethod[]): RequestHandler {
  const cookie = createSealedCookie({ ...settings, name: 'session', seconds: sessionSeconds });
  return async function readSession(request, response, next) {
    // Responses depend on the session, so shared caches must not store them.
    response.set('Cache-Control', 'private, no-store');
    let stored = storedSchema.safeParse(await cookie.open(request, response)).data ?? {};
    const save = async (content: typeof stored) => {
      stored = content;
      await cookie.save(response, content);
    };
    // Until version 0.1.0, sessions did not have a method. They prove as much as a demo session does: nothing.
    const isOffered = methods.some((method) => method === (stored.method ?? demoMethod));
    const session: Session = {
      shopper: isOffered ? shopperSchema.safeParse(stored.shopper).data : undefined,
      signIn: (shopper, method) => save({ shopper, method }),
      operatorPass: stored.operatorPass,
      admitOperator: (operatorPass) => save({ ...stored, operatorPass }),
      signOut: () => {
        cookie.remove(response);
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
