import type { Request } from 'express';

/** Returns the value of a cookie as it was sent; undefined if there is none. Browsers send the one of the longest path first. */
export function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of request.headers.cookie?.split(';') ?? []) {
    const [key = '', ...value] = pair.split('=');
    if (key.trim() === name) return value.join('=').trim();
  }
  return undefined;
}
