import { AppError } from '@unity-purchase/service-kit';
import type { Request, RequestHandler } from 'express';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses forms that another site sends in a shopper's name. Every browser says where a form comes from: by
 * `Sec-Fetch-Site`, or at least by `Origin` (https://web.dev/articles/fetch-metadata). What says neither is no browser,
 * and is refused where only browsers have business, and let through to the API.
 */
export const sameOrigin: RequestHandler = function requireSameOrigin(request, _response, next) {
  if (!safeMethods.has(request.method) && !isSameOrigin(request)) throw new AppError('cross-origin');
  next();
};

function isSameOrigin(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = request.get('origin');
  if (origin !== undefined) return URL.canParse(origin) && new URL(origin).host === request.get('host');
  return request.path.startsWith('/api/');
}
