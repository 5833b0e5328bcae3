import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import request from 'supertest';
import { createTestApp } from './test-app.js';

const algorithm = 'ES256';
const { privateKey, publicKey } = await generateKeyPair(algorithm);
const publicJwk = { ...(await exportJWK(publicKey)), alg: algorithm, kid: 'of-the-test' };

export const audience = 'https://shop.example/api';
const clientId = 'shop';

/** What the token endpoint answers. */
type TokenAnswer = { status: number; headers?: Record<string, string>; body: unknown };

/** An OpenID issuer on this machine that signs what a test wants. */
export type FakeIssuer = AsyncDisposable & {
  /** As the issuer writes it, with a slash at the end. */
  issuer: string;
  tokenAnswer: TokenAnswer | undefined;
  sign: (payload: JWTPayload, type?: string) => Promise<string>;
};

/** Signs a token with the key of every fake issuer. */
const sign = (payload: JWTPayload, typ?: string) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: algorithm, kid: publicJwk.kid, ...(typ === undefined ? {} : { typ }) })
    .sign(privateKey);

/** Starts an issuer on a free port. Disposing of it stops it. */
export async function startFakeIssuer(): Promise<FakeIssuer> {
  const server = http.createServer((incoming, response) => {
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    if (incoming.url === '/.well-known/openid-configuration')
      answer(200, {
        issuer: fake.issuer,
        authorization_endpoint: `${fake.issuer}authorize`,
        token_endpoint: `${fake.issuer}token`,
        jwks_uri: `${fake.issuer}keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: [algorithm],
      });
    else if (incoming.url === '/keys') answer(200, { keys: [publicJwk] });
    else {
      const { status, body, headers } = fake.tokenAnswer ?? { status: 404, body: {} };
      answer(status, body, headers);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeIssuer = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    tokenAnswer: undefined,
    sign,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

/** A shop whose shoppers sign in at the issuer. */
export function createShopOf(issuer: string, options: Parameters<typeof createTestApp>[0] = {}) {
  const publicUrl = 'http://shop.example';
  const openId = {
    issuer,
    clientId,
    clientSecretName: undefined,
    apiAudience: audience,
    rolesClaim: 'roles',
    operatorRole: 'operator',
    publicUrl,
  };
  return createTestApp({ demoSignIn: false, publicUrl, openId, ...options });
}

/**
 * Leaves a shop for the issuer and returns with `answer`, as a browser does. By default, with a code and an ID token for `sub`.
 * Resolves to the browser and the response of the shop.
 */
export async function comeBack(
  app: ReturnType<typeof createTestApp>['app'],
  fake: FakeIssuer,
  { answer = { code: 'x' }, sub = 'ada', returnTo = '/basket', agent = request.agent(app) } = {},
) {
  const left = await agent.get('/sign-in/start').query({ returnTo }).expect(303);
  const asked = new URL(left.get('Location') ?? '').searchParams;
  const seconds = Math.floor(Date.now() / 1_000);
  fake.tokenAnswer ??= {
    status: 200,
    body: {
      access_token: 'x',
      token_type: 'Bearer',
      id_token: await sign({
        iss: fake.issuer,
        aud: clientId,
        sub,
        name: sub,
        nonce: asked.get('nonce'),
        iat: seconds,
        exp: seconds + 60,
      }),
    },
  };
  const response = await agent.get('/sign-in/callback').query({ ...answer, state: asked.get('state') ?? '' });
  return { agent, response };
}
