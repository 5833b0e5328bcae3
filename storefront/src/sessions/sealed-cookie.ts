import type { Request, Response } from 'express';
import { getIronSession, type IronSession, type SessionOptions } from 'iron-session';
import type { SessionSecrets } from './session-secrets.js';

/** Settings of an encrypted and signed cookie, which cannot be read, forged or altered outside the shop. */
export type SealedCookieSettings = {
  name: string;
  secrets: SessionSecrets;
  /** How long the cookie is valid. */
  seconds: number;
  /** Whether browsers send it only over HTTPS. */
  secure: boolean;
};

/**
 * Opens a sealed cookie of a request. A malformed or expired cookie, or one with an unknown secret, counts as no cookie. A cookie
 * with an older secret is sealed again with the newest one.
 */
export async function openSealedCookie<Content extends object>(
  request: Request,
  response: Response,
  { name, secrets: [newest, ...older], seconds, secure }: SealedCookieSettings,
): Promise<IronSession<Partial<Content>>> {
  const optionsFor = (password: string): SessionOptions => ({
    password,
    cookieName: name,
    ttl: seconds,
    cookieOptions: { httpOnly: true, sameSite: 'lax', secure, path: '/' },
  });
  const sealed = await open<Content>(request, response, optionsFor(newest));
  // iron-session's map of passwords does not work here: seals contain an index into it, and a new secret changes the indexes.
  for (const secret of older) {
    if (Object.keys(sealed).length > 0) break;
    const olderSealed = await open<Content>(request, response, optionsFor(secret));
    if (Object.keys(olderSealed).length === 0) continue;
    Object.assign(sealed, olderSealed);
    await sealed.save();
  }
  return sealed;
}

async function open<Content extends object>(
  request: Request,
  response: Response,
  options: SessionOptions,
): Promise<IronSession<Partial<Content>>> {
  try {
    return await getIronSession<Partial<Content>>(request, response, options);
  } catch {
    // iron-session ignores some malformed seals and throws for others. Both count as no cookie.
    request.headers.cookie = withoutCookie(request.headers.cookie ?? '', options.cookieName);
    response.clearCookie(options.cookieName, { path: '/' });
    return getIronSession<Partial<Content>>(request, response, options);
  }
}

function withoutCookie(header: string, name: string): string {
  return header
    .split(';')
    .filter((pair) => pair.split('=')[0]?.trim() !== name)
    .join(';');
}
