import { AppError } from '@unity-purchase/service-kit';
import type { Request, RequestHandler } from 'express';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses forms that another site sends on behalf of a shopper. Browsers report the origin of a form in `Sec-Fetch-Site`, or at
 * least in `Origin` (https://web.dev/articles/fetch-metadata). A request with neither does not come from a browser, so only the
 * API accepts it.
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
