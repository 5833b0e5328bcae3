import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { z } from 'zod';
import { paths } from '../paths.js';
import { issuerUnavailable, type FindIssuer, type OpenIdSettings } from './openid-issuer.js';
import { personOf, type Person } from './person.js';
import { toSignInFailure } from './sign-in-errors.js';
import type { SignInTelemetry } from './sign-in-telemetry.js';

/** Confidential state between the redirect to the issuer and the return from it. */
export const attemptSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
});

export type Attempt = z.infer<typeof attemptSchema>;

/** Sign-in with OpenID Connect: authorization code flow with PKCE, state and nonce. */
export type OpenIdSignIn = {
  /** Starts an attempt and returns the issuer's sign-in address. @throws AppError 503 if the issuer is unavailable */
  begin: (returnTo: string) => Promise<{ url: URL; attempt: Attempt }>;
  /**
   * Reads the result of an attempt from the address to which the issuer redirected. @throws AppError 400 if the sign-in was
   * refused or the result does not belong to the attempt; 500 if the issuer refuses the shop; 503 if the issuer is unavailable
   */
  finish: (address: string, attempt: Attempt) => Promise<Person>;
  /** The address for signing out at the issuer; undefined if the issuer has none. @throws AppError 503 as above */
  signOutUrl: () => Promise<URL | undefined>;
};

export function createOpenIdSignIn(
  settings: OpenIdSettings,
  findIssuer: FindIssuer,
  telemetry: SignInTelemetry,
): OpenIdSignIn {
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
        const userInfo =
          issuer.serverMetadata().userinfo_endpoint === undefined
            ? {}
            : await fetchUserInfo(issuer, tokens.access_token, claims.sub).catch((thrown: unknown) => {
                // The token is a second old, so a refusal is the issuer's problem.
                throw issuerUnavailable(thrown);
              });
        const person = personOf(
          { ...userInfo, ...claims },
          { claim: settings.rolesClaim, operator: settings.operatorRole },
        );
        telemetry.finished('signed-in');
        return person;
      } catch (thrown) {
        const { outcome, error } = toSignInFailure(thrown);
        telemetry.finished(outcome);
        throw error;
      }
    },
    signOutUrl: async () => {
      const issuer = await findIssuer();
      if (issuer.serverMetadata().end_session_endpoint === undefined) return undefined;
      return buildEndSessionUrl(issuer, { post_logout_redirect_uri: addressOf(paths.catalogue).href });
    },
  };
}
