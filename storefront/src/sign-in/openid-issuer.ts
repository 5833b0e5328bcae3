import { AppError, toError } from '@unity-purchase/service-kit';
import { allowInsecureRequests, ClientSecretBasic, discovery, None, type Configuration } from 'openid-client';

export type OpenIdSettings = {
  issuer: string;
  clientId: string;
  /** Without one the shop is a public client, protected by PKCE. */
  clientSecret: string | undefined;
  /** The address at which browsers reach the shop, without a path. */
  publicUrl: string;
  /** The claim that lists a person's roles, and the role of operators. */
  rolesClaim: string;
  operatorRole: string;
  /** The audience of access tokens for the shop's API. Without it the API accepts no tokens. */
  apiAudience: string | undefined;
};

/** Short, because a shopper waits for the answer. */
const answerTimeoutSeconds = 5;

/** The issuer's metadata. @throws AppError 503 if the issuer is unavailable; the next call tries again */
export type FindIssuer = () => Promise<Configuration>;

/**
 * Discovers the issuer once, when it is first needed, so that the shop starts and sells while the issuer is unavailable. Plain
 * HTTP is only for an issuer on this machine.
 */
export function createFindIssuer({ issuer, clientId, clientSecret }: OpenIdSettings): FindIssuer {
  const url = new URL(issuer);
  const authentication = clientSecret === undefined ? None() : ClientSecretBasic(clientSecret);
  // It is marked as deprecated to discourage its use in production. Here it is for tests and local issuers.
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

/** The error for an issuer that does not answer, or not correctly. The person who signs in cannot fix it. */
export function issuerUnavailable(thrown: unknown): AppError {
  return new AppError('sign-in-unavailable', { cause: toError(thrown), retryAfterSeconds: 5 });
}
