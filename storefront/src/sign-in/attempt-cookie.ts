import type { Request, Response } from 'express';
import { getIronSession, type IronSession, type SessionOptions } from 'iron-session';
import { paths } from '../paths.js';
import type { SessionSettings } from '../sessions/session.js';
import { attemptSchema, type Attempt } from './openid-sign-in.js';

/** Seconds: as long as one may take to type a password. */
const attemptSeconds = 10 * 60;

/** Keeps an attempt to sign in with the browser that makes it, encrypted, for a while and for one use. */
export type AttemptCookie = {
  put: (request: Request, response: Response, attempt: Attempt) => Promise<void>;
  /** The attempt, once; undefined if this browser makes none. */
  take: (request: Request, response: Response) => Promise<Attempt | undefined>;
};

export function createAttemptCookie({ secrets: [newest], secure }: SessionSettings): AttemptCookie {
  const options: SessionOptions = {
    password: newest,
    cookieName: 'sign-in',
    ttl: attemptSeconds,
    // Coming back from the issuer is coming from another site: `strict` would not bring it along.
    cookieOptions: { httpOnly: true, sameSite: 'lax', secure, path: paths.signIn },
  };
  const open = (request: Request, response: Response): Promise<IronSession<{ attempt?: unknown }>> =>
    getIronSession(request, response, options);
  return {
    put: async (request, response, attempt) => {
      // An attempt before this one is given up, and must not be read.
      delete request.headers.cookie;
      const cookie = await open(request, response);
      cookie.attempt = attempt;
      await cookie.save();
    },
    take: async (request, response) => {
      const cookie = await open(request, response).catch(() => undefined);
      const attempt = attemptSchema.safeParse(cookie?.attempt).data;
      cookie?.destroy();
      return attempt;
    },
  };
}
