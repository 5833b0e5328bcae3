import type { Request, Response } from 'express';
import { getIronSession, type IronSession, type SessionOptions } from 'iron-session';
import { paths } from '../paths.js';
import type { SessionSettings } from '../sessions/session.js';
import { attemptSchema, type Attempt } from './openid-sign-in.js';

/** The time in which a person must finish signing in at the issuer. */
const attemptSeconds = 10 * 60;

/** Stores a sign-in attempt in an encrypted cookie of the browser, for a limited time and one use. */
export type AttemptCookie = {
  save: (request: Request, response: Response, attempt: Attempt) => Promise<void>;
  /** Returns the attempt and removes it; undefined if there is none. */
  take: (request: Request, response: Response) => Promise<Attempt | undefined>;
};

export function createAttemptCookie({ secrets: [newest], secure }: SessionSettings): AttemptCookie {
  const options: SessionOptions = {
    password: newest,
    cookieName: 'sign-in',
    ttl: attemptSeconds,
    // The issuer redirects from another site, and browsers do not send `strict` cookies then.
    cookieOptions: { httpOnly: true, sameSite: 'lax', secure, path: paths.signIn },
  };
  const open = (request: Request, response: Response): Promise<IronSession<{ attempt?: unknown }>> =>
    getIronSession(request, response, options);
  return {
    save: async (request, response, attempt) => {
      // A new attempt replaces an earlier one, so the earlier one must not be read.
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
