import type { Request, Response } from 'express';
import { getIronSession, type IronSession, type SessionOptions } from 'iron-session';
import type { SessionSecrets } from './session-secrets.js';

/** What is kept with the browser, encrypted and signed: nobody can read it, forge it or alter it. */
export type SealedCookieSettings = {
  name: string;
  secrets: SessionSecrets;
  /** How long it is good. */
  seconds: number;
  /** Whether browsers send it by HTTPS only. */
  secure: boolean;
};

/**
 * Opens a sealed cookie of a request. One that is malformed, expired or sealed with another secret is the same as none; one
 * that is sealed with an older secret of ours is sealed anew.
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
  // Not iron-session's map of passwords: seals carry their place in it, and with a new secret the places move.
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
    // iron-session knows some malformed seals as none and throws for others. One that does not exist is the same to us.
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
