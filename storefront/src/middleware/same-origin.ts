import { AppError } from '@unity-purchase/service-kit';
import type { Request, RequestHandler } from 'express';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** How browsers reach the shop. */
export type SameOriginSettings = {
  /** The shop's address. Without it, the request's own host counts, or the one that a trusted proxy names. */
  publicUrl: string | undefined;
  /** Whether browsers use HTTPS, whatever the last proxy uses. */
  behindTls: boolean;
};

/**
 * Refuses forms that another site sends on behalf of a shopper. Browsers report the relation of a form's origin to the shop in
 * `Sec-Fetch-Site`, or at least the origin in `Origin` (https://web.dev/articles/fetch-metadata). Origins are compared as the
 * URL standard defines them, so case and default ports make no difference. A request with neither header does not come from a
 * browser, so only the API accepts it.
 */
export function sameOrigin({ publicUrl, behindTls }: SameOriginSettings): RequestHandler {
  const publicOrigin = publicUrl === undefined ? undefined : originOf(publicUrl);
  const originOfShop = (request: Request) =>
    publicOrigin ?? originOfHost(behindTls ? 'https' : request.protocol, request.host);
  return function requireSameOrigin(request, _response, next) {
    if (!safeMethods.has(request.method) && !isSameOrigin(request, originOfShop(request)))
      throw new AppError('cross-origin');
    next();
  };
}

function isSameOrigin(request: Request, originOfShop: string | undefined): boolean {
  const site = request.get('sec-fetch-site');
  // With `none`, the browser did not compare: the form does not come from a page, or an extension sent it again.
  if (site !== undefined && site !== 'none') return site === 'same-origin';
  const origin = request.get('origin');
  if (origin !== undefined) return originOfShop !== undefined && originOf(origin) === originOfShop;
  return site === undefined && /^\/api\//i.test(request.path);
}

/** The origin of a web address, in its one spelling; undefined for anything else, such as `null`. */
function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin } = new URL(text);
  return protocol === 'http:' || protocol === 'https:' ? origin : undefined;
}

/** Everything that would end the host in a URL, or precede it. */
const notInHosts = /[\s/\\?#@]/;

/** Without a host (HTTP/1.0), Express' `host` is undefined, other than its type says. */
function originOfHost(scheme: string, host: string | undefined): string | undefined {
  return host === undefined || notInHosts.test(host) ? undefined : originOf(`${scheme}://${host}`);
}
