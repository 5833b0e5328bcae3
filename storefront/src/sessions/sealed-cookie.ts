import Iron from '@hapi/iron';
import type { Request, Response } from 'express';
import { cookieOf } from './read-cookie.js';
import type { SessionSecrets } from './session-secrets.js';

/** Settings of an encrypted and signed cookie, which cannot be read, forged or altered outside the shop. */
export type SealedCookieSettings = {
  name: string;
  secrets: SessionSecrets;
  /** How long the cookie is valid, from when it is saved. */
  seconds: number;
  /** Whether browsers send it only over HTTPS. */
  secure: boolean;
  /** Browsers send it only to paths below this one. The default is all of them. */
  path?: string;
};

/** An encrypted and signed cookie. */
export type SealedCookie = {
  /**
   * Returns what the cookie of a request contains; undefined without a cookie. A malformed or expired cookie, or one with an unknown
   * secret, counts as none. A cookie with an older secret is saved again with the newest one.
   */
  open: (request: Request, response: Response) => Promise<unknown>;
  /** Replaces the cookie by one that contains this. */
  save: (response: Response, content: object) => Promise<void>;
  /** Removes the cookie from the browser. */
  remove: (response: Response) => void;
};

/** The format of iron-session 8, which sealed the cookies of version 0.1: a seal with the password's id and this ending. */
const passwordId = '1';
const ending = '~2';

/** Creates a cookie whose seals are those of `@hapi/iron`. The newest secret seals; all of them open. */
export function createSealedCookie({
  name,
  secrets: [newest, ...older],
  seconds,
  secure,
  path = '/',
}: SealedCookieSettings): SealedCookie {
  const options = { ...Iron.defaults, ttl: seconds * 1_000 };
  const openWith = async (seal: string, secret: string): Promise<unknown> => {
    try {
      return await Iron.unseal(seal, { [passwordId]: secret }, options);
    } catch {
      return undefined;
    }
  };
  const save = async (response: Response, content: object) => {
    const seal = await Iron.seal(content, { id: passwordId, secret: newest }, options);
    response.cookie(name, `${seal}${ending}`, {
      httpOnly: true,
      sameSite: 'lax',
      secure,
      path,
      maxAge: seconds * 1_000,
    });
  };
  return {
    open: async (request, response) => {
      const value = cookieOf(request, name);
      if (!value?.endsWith(ending)) return undefined;
      const seal = value.slice(0, -ending.length);
      const content = await openWith(seal, newest);
      if (content !== undefined) return content;
      // Not with a map of all secrets: seals contain the id of theirs, and it is the same for every secret.
      for (const secret of older) {
        const olderContent = await openWith(seal, secret);
        if (typeof olderContent !== 'object' || olderContent === null) continue;
        await save(response, olderContent);
        return olderContent;
      }
      return undefined;
    },
    save,
    remove: (response) => {
      response.clearCookie(name, { httpOnly: true, sameSite: 'lax', secure, path });
    },
  };
}
