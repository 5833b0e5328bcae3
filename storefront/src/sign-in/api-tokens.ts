import { AppError, toError } from '@unity-purchase/service-kit';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { issuerUnavailable, type FindIssuer } from './openid-issuer.js';
import { personOf, type Person } from './person.js';

/**
 * Verifies a bearer token with the issuer's keys (RFC 9068) and returns its person. @throws AppError 401 for a token that is not
 * from this issuer, not for this shop, or no longer valid; 503 if the issuer's keys are unavailable
 */
export type ReadApiToken = (token: string) => Promise<Person>;

export function createReadApiToken(
  settings: { issuer: string; audience: string; rolesClaim: string; operatorRole: string },
  findIssuer: FindIssuer,
): ReadApiToken {
  let keys: JWTVerifyGetKey | undefined;
  const findKeys = async () => {
    const { jwks_uri } = (await findIssuer()).serverMetadata();
    if (jwks_uri === undefined) throw issuerUnavailable(new Error('the issuer does not publish its keys'));
    return createRemoteJWKSet(new URL(jwks_uri));
  };
  return async (token) => {
    keys ??= await findKeys();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: settings.issuer,
        audience: settings.audience,
        requiredClaims: ['sub', 'exp'],
      });
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
