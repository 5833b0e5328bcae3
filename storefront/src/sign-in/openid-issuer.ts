import { AppError, toError } from '@unity-purchase/service-kit';
import { allowInsecureRequests, ClientSecretBasic, discovery, None, type Configuration } from 'openid-client';

export type OpenIdSettings = {
  issuer: string;
  clientId: string;
  /** Without it the shop is a public client, which PKCE protects. */
  clientSecret: string | undefined;
  /** Where browsers reach the shop, without a path. */
  publicUrl: string;
  /** The claim that lists a person's roles, and the one that makes an operator. */
  rolesClaim: string;
  operatorRole: string;
  /** What access tokens for the shop's API must be meant for; without it there are none. */
  apiAudience: string | undefined;
};

/** Seconds: a shopper waits for it. */
const answerTimeoutSeconds = 5;

/** What the issuer says of itself. @throws AppError 503 if it cannot be asked; the next call asks again */
export type FindIssuer = () => Promise<Configuration>;

/**
 * Asks the issuer what it offers, when that is first needed, and once: the shop starts and sells while its issuer is away.
 * Over plain HTTP only where the issuer is on this machine.
 */
export function createFindIssuer({ issuer, clientId, clientSecret }: OpenIdSettings): FindIssuer {
  const url = new URL(issuer);
  const authentication = clientSecret === undefined ? None() : ClientSecretBasic(clientSecret);
  // What is deprecated is its use: it is there for tests and for one's own machine.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const insecure = url.protocol === 'http:' ? [allowInsecureRequests] : [];
  let found: Promise<Configuration> | undefined;
  return async () => {
    try {
      found ??= discovery(url, clientId, {}, authentication, {
        execute: insecure,
        timeout: answerTimeoutSeconds,
      });
      return await found;
    } catch (thrown) {
      found = undefined;
      throw issuerUnavailable(thrown);
    }
  };
}

/** The issuer does not answer, or not as it should: nothing that who signs in can do anything about. */
export function issuerUnavailable(thrown: unknown): AppError {
  return new AppError('sign-in-unavailable', { cause: toError(thrown), retryAfterSeconds: 5 });
}
