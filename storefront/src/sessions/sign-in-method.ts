import { createHash } from 'node:crypto';

/** How a shopper signed in, as a session stores it. A session ends when the shop no longer offers its method. */
export type SignInMethod = string;

/** Signing in with any name and no password. */
export const demoMethod: SignInMethod = 'demo';

/** Signing in at an OpenID issuer. A digest, so that its length is fixed. A slash at the end makes no difference. */
export function issuerMethod(issuer: string): SignInMethod {
  return createHash('sha256')
    .update(`issuer ${issuer.replace(/\/$/, '')}`)
    .digest('base64url');
}
