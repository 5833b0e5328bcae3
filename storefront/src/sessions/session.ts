import { shopperSchema, type Shopper } from '@unity-purchase/contracts';
import type { Request, RequestHandler, Response } from 'express';
import { getIronSession, type IronSession, type SessionOptions } from 'iron-session';
import type { OperatorPass } from '../operators/operator-passes.js';
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

/**
 * Reads the session before the routes do. A cookie that is malformed, expired or sealed with another secret is the same
 * as none; one that is sealed with an older secret of ours is sealed anew.
 */
export function sessions({ secrets: [newest, ...older], secure }: SessionSettings): RequestHandler {
  const optionsFor = (password: string): SessionOptions => ({
    password,
    cookieName: 'session',
    ttl: sessionSeconds,
    cookieOptions: { httpOnly: true, sameSite: 'lax', secure, path: '/' },
  });
  const options = optionsFor(newest);
  // Not iron-session's map of passwords: seals carry their place in it, and with a new secret the places move.
  const olderOptions = older.map(optionsFor);
  return async function readSession(request, response, next) {
    // What follows depends on who asks: no cache may show it to another.
    response.set('Cache-Control', 'private, no-store');
    const sealed = await openSession(request, response, options);
    for (const each of olderOptions) {
      if (sealed.shopper !== undefined) break;
      sealed.shopper = (await openSession(request, response, each)).shopper;
      if (sealed.shopper !== undefined) await sealed.save();
    }
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

type SealedSession = IronSession<{ shopper?: unknown; operatorPass?: unknown }>;

async function openSession(
  request: Request,
  response: Response,
  options: SessionOptions,
): Promise<SealedSession> {
  try {
    return await getIronSession(request, response, options);
  } catch {
    // iron-session knows some malformed seals as "no session" and throws for others. A session that does not exist is
    // the same to us.
    delete request.headers.cookie;
    response.clearCookie(options.cookieName, { path: '/' });
    return getIronSession(request, response, options);
  }
}
