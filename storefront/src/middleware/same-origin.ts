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
export function sameOrigin(settings: SameOriginSettings): RequestHandler {
  return function requireSameOrigin(request, _response, next) {
    if (!safeMethods.has(request.method) && !isSameOrigin(request, settings))
      throw new AppError('cross-origin');
    next();
  };
}

function isSameOrigin(request: Request, settings: SameOriginSettings): boolean {
  const site = request.get('sec-fetch-site');
  // With `none`, the browser did not compare: the form does not come from a page, or an extension sent it again.
  if (site !== undefined && site !== 'none') return site === 'same-origin';
  const header = request.get('origin');
  if (header === undefined) return site === undefined && /^\/api\//i.test(request.path);
  const origin = webOrigin(header);
  return origin !== undefined && origin.origin === originOfShop(request, origin, settings)?.origin;
}

/**
 * The origin at which the browser that sends from `origin` reaches the shop. A request over plain HTTP does not show whether a
 * proxy in front of the shop uses HTTPS, so there the browser's scheme counts.
 */
function originOfShop(request: Request, origin: URL, { publicUrl, behindTls }: SameOriginSettings) {
  if (publicUrl !== undefined) return webOrigin(publicUrl);
  if (behindTls) return originOfHost('https:', request.host);
  return originOfHost(request.protocol === 'http' ? origin.protocol : `${request.protocol}:`, request.host);
}

/** A web address in its one spelling; undefined for anything else, such as `null`. */
function webOrigin(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

/** Everything that would end the host in a URL, or precede it. */
const notInHosts = /[\s/\\?#@]/;

/** Without a host (HTTP/1.0), Express' `host` is undefined, other than its type says. */
function originOfHost(scheme: string, host: string | undefined): URL | undefined {
  return host === undefined || notInHosts.test(host) ? undefined : webOrigin(`${scheme}//${host}`);
}
