import { AppError, toError } from '@unity-purchase/service-kit';
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { issuerUnavailable } from './openid-issuer.js';
import type { SignInOutcome } from './sign-in-telemetry.js';

/** Why a person is not signed in after coming back from the issuer. */
export type SignInFailure = { outcome: SignInOutcome; error: AppError };

/** Errors of the issuer that end an attempt of this person. The next attempt may succeed (RFC 6749, OpenID Connect Core). */
const personsErrors = new Set([
  'invalid_grant',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
]);

/** Errors of an issuer that has a problem of its own. */
const issuersErrors = new Set(['server_error', 'temporarily_unavailable', 'slow_down']);

/** Errors for a result that does not belong to the attempt: an old address, or one from another tab or another person. */
const mismatchCodes = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
]);

/**
 * Tells whose mistake it is that a person could not sign in: the person's (400), the issuer's (503), or the shop's (500). An
 * error that names neither the person nor the issuer means that the issuer refuses the shop: its id, its secret, or what it asks
 * for. Then every attempt fails, until an operator corrects the configuration.
 */
export function toSignInFailure(thrown: unknown): SignInFailure {
  if (thrown instanceof AppError) return { outcome: 'unavailable', error: thrown };
  const cause = toError(thrown);
  const answer = issuersAnswer(thrown);
  if (answer?.error === 'access_denied')
    return { outcome: 'refused', error: new AppError('sign-in-refused', { cause }) };
  const isMismatch = thrown instanceof ClientError && mismatchCodes.has(thrown.code ?? '');
  if (isMismatch || personsErrors.has(answer?.error ?? ''))
    return { outcome: 'failed', error: new AppError('sign-in-failed', { cause }) };
  if (answer === undefined || issuersErrors.has(answer.error))
    return { outcome: 'unavailable', error: issuerUnavailable(thrown) };
  return { outcome: 'misconfigured', error: misconfigured(answer, cause) };
}

type IssuersAnswer = { error: string; description: string | undefined };

/** The error with which the issuer answered: in the address, in a body, or in a challenge to authenticate. */
function issuersAnswer(thrown: unknown): IssuersAnswer | undefined {
  if (thrown instanceof AuthorizationResponseError || thrown instanceof ResponseBodyError)
    return { error: thrown.error, description: thrown.error_description };
  if (!(thrown instanceof WWWAuthenticateChallengeError)) return undefined;
  const { error, error_description: description } = thrown.cause[0]?.parameters ?? {};
  return { error: error ?? 'invalid_client', description };
}

/** Descriptions of issuers are for developers; this is enough for the beginning of any. */
const descriptionMax = 200;

function misconfigured({ error, description }: IssuersAnswer, cause: Error): AppError {
  const said = [error, description ?? ''].join(' ').trim().slice(0, descriptionMax);
  const message = `the issuer refuses the shop: ${said}. Check OIDC_CLIENT_ID, the client secret, and the client's settings at the issuer`;
  return new AppError('sign-in-misconfigured', { cause: new Error(message, { cause }) });
}
