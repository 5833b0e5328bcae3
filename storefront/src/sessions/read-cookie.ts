import type { IncomingHttpHeaders } from 'node:http';

/** A request, as far as cookies are concerned. */
export type CarriesCookies = { headers: Pick<IncomingHttpHeaders, 'cookie'> };

/** Returns the value of a cookie as it was sent; undefined if there is none. Browsers send the one of the longest path first. */
export function cookieOf(request: CarriesCookies, name: string): string | undefined {
  for (const pair of request.headers.cookie?.split(';') ?? []) {
    const [key = '', ...value] = pair.split('=');
    if (key.trim() === name) return value.join('=').trim();
  }
  return undefined;
}
