import type { Request, Response } from 'express';
import { z } from 'zod';
import { paths } from '../paths.js';
import { createSealedCookie } from '../sessions/sealed-cookie.js';
import type { SessionSettings } from '../sessions/session.js';
import { attemptSchema, type Attempt } from './openid-sign-in.js';

/** The time in which a person must finish signing in at the issuer. */
const attemptSeconds = 10 * 60;

/** Stores a sign-in attempt in an encrypted cookie of the browser, for a limited time and one use. */
export type AttemptCookie = {
  save: (response: Response, attempt: Attempt) => Promise<void>;
  /** Returns the attempt and removes it; undefined if there is none. */
  take: (request: Request, response: Response) => Promise<Attempt | undefined>;
};

const storedSchema = z.object({ attempt: attemptSchema });

export function createAttemptCookie(settings: SessionSettings): AttemptCookie {
  const cookie = createSealedCookie({
    ...settings,
    name: 'sign-in',
    seconds: attemptSeconds,
    path: paths.signIn,
  });
  return {
    // A new attempt replaces an earlier one.
    save: (response, attempt) => cookie.save(response, { attempt }),
    take: async (request, response) => {
      const stored = storedSchema.safeParse(await cookie.open(request, response)).data;
      cookie.remove(response);
      return stored?.attempt;
    },
  };
}
