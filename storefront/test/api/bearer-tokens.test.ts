import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JWTPayload } from 'jose';
import request from 'supertest';
import { audience, createShopOf, startFakeIssuer, type FakeIssuer } from '../fakes/fake-issuer.js';
import { signedIn } from '../fakes/test-app.js';

let fake: FakeIssuer;

beforeAll(async () => {
  fake = await startFakeIssuer();
});

afterAll(async () => {
  await fake[Symbol.asyncDispose]();
});

const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: fake.issuer,
  aud: audience,
  sub: 'ada',
  exp: Math.floor(Date.now() / 1_000) + 60,
  ...more,
});

/** A shop whose setting lacks the slash at the end of the issuer's name. */
async function statusOf(authorization: string): Promise<number> {
  const shop = createShopOf(fake.issuer.slice(0, -1));
  shop.behind.invoke = () =>
    Promise.resolve({ status: 200, body: { purchases: [], totals: { count: 0, sums: {} } } });
  return (await request(shop.app).get('/api/purchases').set('Authorization', authorization)).status;
}

describe('a bearer token is accepted', () => {
  test.each<[who: string, type: string | undefined, more: JWTPayload]>([
    ['RFC 9068 and Auth0', 'at+jwt', {}],
    ['RFC 9068 in full', 'application/at+jwt', {}],
    ['Keycloak', 'JWT', { typ: 'Bearer' }],
    ['Entra', 'JWT', { ver: '2.0' }],
    ['Okta', undefined, {}],
    ['Cognito', undefined, { token_use: 'access' }],
  ])('as %s sends it', async (_who, type, more) => {
    expect(await statusOf(`Bearer ${await fake.sign(claims(more), type)}`)).toBe(200);
  });
});

describe('a token is refused', () => {
  test.each<[what: string, type: string | undefined, more: JWTPayload]>([
    ['for sign-in, by its nonce', 'JWT', { nonce: 'x' }],
    ['for sign-in, by its hash', undefined, { at_hash: 'x' }],
    ['for sign-in at Keycloak', 'JWT', { typ: 'ID' }],
    ['for refreshing at Keycloak', 'JWT', { typ: 'Refresh' }],
    ['for sign-in at Cognito', undefined, { token_use: 'id' }],
    ['for sign-out', 'logout+jwt', {}],
    ['for sign-out, without its type', 'JWT', { events: {} }],
    ['for proving a key', 'dpop+jwt', {}],
    ['of another issuer', 'at+jwt', { iss: 'https://elsewhere.example/' }],
  ])('that is %s', async (_what, type, more) => {
    expect(await statusOf(`Bearer ${await fake.sign(claims(more), type)}`)).toBe(401);
  });

  test.each(['Bearer', 'Bearer ', 'Bearer x y', 'bearer x, y', 'Bearer\tx', 'Bearer x"y'])(
    'that is written as %j, even next to a session',
    async (authorization) => {
      const shop = createShopOf(fake.issuer, { demoSignIn: true });
      const agent = await signedIn(shop);
      const response = await agent.get('/api/purchases').set('Authorization', authorization).expect(401);
      expect(response.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"');
    },
  );
});
