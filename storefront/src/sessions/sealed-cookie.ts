import { createHash } from 'node:crypto';
import Iron from '@hapi/iron';
import { RecentMap } from '@unity-purchase/service-kit';
import type { CookieOptions } from 'express';
import { cookieOf, type CarriesCookies } from './read-cookie.js';
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

/** A response, as far as cookies are concerned. */
export type SetsCookies = {
  cookie: (name: string, value: string, options: CookieOptions) => unknown;
  clearCookie: (name: string, options: CookieOptions) => unknown;
};

/** An encrypted and signed cookie. */
export type SealedCookie = {
  /**
   * Returns what the cookie of a request contains; undefined without a cookie. A malformed or expired cookie, or one with an unknown
   * secret, counts as none. A cookie with an older secret is saved again with the newest one.
   */
  open: (request: CarriesCookies, response: SetsCookies) => Promise<unknown>;
  /** Replaces the cookie by one that contains this. */
  save: (response: SetsCookies, content: object) => Promise<void>;
  /** Removes the cookie from the browser. */
  remove: (response: SetsCookies) => void;
};

/** The format of iron-session 8, which sealed the cookies of version 0.1: a seal with the password's id and this ending. */
const passwordId = '1';
const ending = '~2';

/**
 * Seals are remembered with what they contain, because opening one is the most expensive step of many a request, and the same ones
 * arrive again. None is remembered beyond its expiry.
 */
const rememberedMax = 2_048;
const rememberedMs = 60_000;

type Remembered = { content: unknown; untilMs: number };

/** Creates a cookie whose seals are those of `@hapi/iron`. The newest secret seals; all of them open. */
export function createSealedCookie({
  name,
  secrets: [newest, ...older],
  seconds,
  secure,
  path = '/',
}: SealedCookieSettings): SealedCookie {
  const options = { ...Iron.defaults, ttl: seconds * 1_000 };
  const remembered = new RecentMap<string, Remembered>(rememberedMax);
  const openWith = async (seal: string, secret: string): Promise<unknown> => {
    try {
      return await Iron.unseal(seal, { [passwordId]: secret }, options);
    } catch {
      return undefined;
    }
  };
  const save = async (response: SetsCookies, content: object) => {
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
      const key = digestOf(seal);
      const known = remembered.get(key);
      if (known !== undefined && Date.now() < known.untilMs) return known.content;
      const content = await openWith(seal, newest);
      if (content !== undefined) {
        remembered.set(key, { content, untilMs: Math.min(Date.now() + rememberedMs, expiryMsOf(seal)) });
        return content;
      }
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

/** The key of a seal in memory: shorter than the seal, and of no use to an attacker who reads the memory. */
function digestOf(seal: string): string {
  return createHash('sha256').update(seal).digest('base64url');
}

/** When a seal expires, in milliseconds since the epoch: its sixth part (@hapi/iron, lib/index.js, `unseal`). */
function expiryMsOf(seal: string): number {
  const expiry = seal.split('*')[5] ?? '';
  return expiry === '' ? Infinity : Number(expiry);
}
