import { AppError, toError } from '@unity-purchase/service-kit';
import {
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  ClientError,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  ResponseBodyError,
} from 'openid-client';
import { z } from 'zod';
import { paths } from '../paths.js';
import { issuerUnavailable, type FindIssuer, type OpenIdSettings } from './openid-issuer.js';
import { personOf, type Person } from './person.js';

/** What must be kept, out of everybody's sight, from sending somebody to the issuer until they come back. */
export const attemptSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
});

export type Attempt = z.infer<typeof attemptSchema>;

/** Sign-in by OpenID Connect: authorization code with PKCE, state and nonce. */
export type OpenIdSignIn = {
  /** Where to send somebody who wants to sign in. @throws AppError 503 if the issuer cannot be asked */
  begin: (returnTo: string) => Promise<{ url: URL; attempt: Attempt }>;
  /**
   * Who came back, with what the issuer had them bring along in the address. @throws AppError 400 if they refused, or what
   * they bring does not belong to the attempt; 503 if the issuer cannot be asked
   */
  finish: (address: string, attempt: Attempt) => Promise<Person>;
  /** Where one can sign out at the issuer as well, if that is offered. */
  signOutUrl: () => Promise<URL | undefined>;
};

export function createOpenIdSignIn(settings: OpenIdSettings, findIssuer: FindIssuer): OpenIdSignIn {
  const addressOf = (path: string) => new URL(path, settings.publicUrl);
  return {
    begin: async (returnTo) => {
      const issuer = await findIssuer();
      const attempt = {
        state: randomState(),
        nonce: randomNonce(),
        codeVerifier: randomPKCECodeVerifier(),
        returnTo,
      };
      const url = buildAuthorizationUrl(issuer, {
        redirect_uri: addressOf(paths.signInCallback).href,
        scope: 'openid profile',
        code_challenge: await calculatePKCECodeChallenge(attempt.codeVerifier),
        code_challenge_method: 'S256',
        state: attempt.state,
        nonce: attempt.nonce,
      });
      return { url, attempt };
    },
    finish: async (address, { state, nonce, codeVerifier }) => {
      const issuer = await findIssuer();
      try {
        const tokens = await authorizationCodeGrant(issuer, addressOf(address), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('the issuer sent no id token');
        const more =
          issuer.serverMetadata().userinfo_endpoint === undefined
            ? {}
            : await fetchUserInfo(issuer, tokens.access_token, claims.sub);
        return personOf(
          { ...more, ...claims },
          { claim: settings.rolesClaim, operator: settings.operatorRole },
        );
      } catch (thrown) {
        throw describeFailure(thrown);
      }
    },
    signOutUrl: async () => {
      const issuer = await findIssuer();
      if (issuer.serverMetadata().end_session_endpoint === undefined) return undefined;
      return buildEndSessionUrl(issuer, { post_logout_redirect_uri: addressOf(paths.catalogue).href });
    },
  };
}

function describeFailure(thrown: unknown): AppError {
  const cause = toError(thrown);
  if (thrown instanceof AuthorizationResponseError && thrown.error === 'access_denied')
    return new AppError('sign-in-refused', { cause });
  if (
    thrown instanceof AuthorizationResponseError ||
    thrown instanceof ResponseBodyError ||
    (thrown instanceof ClientError && misfits.has(thrown.code ?? ''))
  )
    return new AppError('sign-in-failed', { cause });
  return issuerUnavailable(thrown);
}

/** What does not fit the attempt, besides what the issuer refuses: an old address, another tab's, or somebody else's. */
const misfits = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
]);
