import { AppError, toError } from '@unity-purchase/service-kit';
import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { issuerUnavailable, type FindIssuer } from './openid-issuer.js';
import { personOf, type Person } from './person.js';

/**
 * Verifies a bearer token with the issuer's keys (RFC 9068) and returns its person. @throws AppError 401 for a token that is not
 * an access token of this issuer, not for this shop, or no longer valid; 503 if the issuer's keys are unavailable
 */
export type ReadApiToken = (token: string) => Promise<Person>;

export function createReadApiToken(
  settings: { audience: string; rolesClaim: string; operatorRole: string },
  findIssuer: FindIssuer,
): ReadApiToken {
  let found: { issuer: string; keys: JWTVerifyGetKey } | undefined;
  const findKeys = async () => {
    // The issuer's own spelling: a setting without the slash at the end finds the same issuer.
    const { issuer, jwks_uri } = (await findIssuer()).serverMetadata();
    if (jwks_uri === undefined) throw issuerUnavailable(new Error('the issuer does not publish its keys'));
    return { issuer, keys: createRemoteJWKSet(new URL(jwks_uri)) };
  };
  return async (token) => {
    found ??= await findKeys();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, found.keys, {
        issuer: found.issuer,
        audience: settings.audience,
        requiredClaims: ['sub', 'exp'],
      });
      if (!isAccessToken(protectedHeader, payload)) throw new errors.JWTInvalid('it is not an access token');
      return personOf(
        { ...payload, sub: payload.sub ?? '' },
        { claim: settings.rolesClaim, operator: settings.operatorRole },
      );
    } catch (thrown) {
      const cause = toError(thrown);
      if (thrown instanceof errors.JWKSTimeout || !(thrown instanceof errors.JOSEError))
        throw issuerUnavailable(cause);
      throw new AppError('invalid-token', { cause });
    }
  };
}

/** RFC 9068 requires `at+jwt`, as Auth0 and this system's tests send. Keycloak and Entra send `JWT`; Okta and Cognito send nothing. */
const accessTokenTypes = new Set(['at+jwt', 'jwt', '']);

/** Claims that ID tokens and logout tokens have (OpenID Connect Core, Back-Channel Logout), and access tokens do not. */
const otherTokensClaims = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

/**
 * Whether a valid token of the issuer is an access token. Otherwise a person's ID token, which also names this audience at some
 * issuers, would open the API.
 */
function isAccessToken({ typ }: JWTHeaderParameters, payload: JWTPayload): boolean {
  const type = (typ ?? '').toLowerCase().replace(/^application\//, '');
  if (!accessTokenTypes.has(type)) return false;
  if (type === 'at+jwt') return true;
  const { typ: keycloaksType = 'Bearer', token_use: cognitosUse = 'access' } = payload;
  return (
    keycloaksType === 'Bearer' &&
    cognitosUse === 'access' &&
    !otherTokensClaims.some((claim) => Object.hasOwn(payload, claim))
  );
}
