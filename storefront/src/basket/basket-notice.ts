import { linesMax, skuSchema } from '@unity-purchase/contracts';
import type { CookieOptions, Request, Response } from 'express';
import { z } from 'zod';
import { cookieOf } from '../sessions/read-cookie.js';

/**
 * What the next page says about the basket, once:
 * - `added`: an item was added;
 * - `again`: the items of an earlier purchase were added, except those in `leftOut`. `wasEmpty` tells whether only they are in the basket.
 */
export type BasketNotice =
  { kind: 'added'; sku: string } | { kind: 'again'; wasEmpty: boolean; leftOut: string[] };

/** Long enough for the redirect to the page that shows it. */
const noticeMs = 60_000;

const cookieName = 'basket-notice';
const skusSchema = z.array(skuSchema).max(linesMax);

/**
 * Keeps a notice in the browser until a page shows it. The cookie is not sealed: it only names items of the catalogue, and only
 * for the person who has it.
 */
export function keepNotice(response: Response, secure: boolean, notice: BasketNotice): void {
  const [kind, skus] =
    notice.kind === 'added'
      ? ['added', [notice.sku]]
      : [notice.wasEmpty ? 'again' : 'again-too', notice.leftOut];
  response.cookie(cookieName, [kind, ...skus].join('.'), { ...optionsOf(secure), maxAge: noticeMs });
}

/** The notice that no page has shown yet. A malformed cookie counts as none. */
export function takeNotice(request: Request, response: Response, secure: boolean): BasketNotice | undefined {
  const text = cookieOf(request, cookieName);
  if (text === undefined) return undefined;
  response.clearCookie(cookieName, optionsOf(secure));
  const [kind, ...rest] = text.split('.');
  const skus = skusSchema.safeParse(rest).data;
  const [sku] = skus ?? [];
  if (kind === 'added') return sku === undefined ? undefined : { kind, sku };
  if (skus === undefined || (kind !== 'again' && kind !== 'again-too')) return undefined;
  return { kind: 'again', wasEmpty: kind === 'again', leftOut: skus };
}

const optionsOf = (secure: boolean): CookieOptions => ({
  httpOnly: true,
  sameSite: 'lax',
  secure,
  path: '/',
});
