import { once } from 'node:events';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { Provider } from 'oidc-provider';

/** An account at the provider, which accepts any id with any password. */
export type Account = { name: string; roles: string[] };

export type OpenIdClient = { id: string; secret: string; redirectUri: string; afterSignOut: string };

/** A real OpenID provider on this machine that signs access tokens for one audience. */
export type OpenIdProvider = AsyncDisposable & {
  issuer: string;
  /** Signs any payload with the provider's own key. */
  sign: (payload: JWTPayload) => Promise<string>;
};

const algorithm = 'RS256';

/** Starts a provider on a local port. Disposing of it stops it. */
export async function startOpenIdProvider(options: {
  port: number;
  client: OpenIdClient;
  audience: string;
  accountOf: (id: string) => Account;
}): Promise<OpenIdProvider> {
  const { port, client, audience, accountOf } = options;
  const issuer = `http://127.0.0.1:${port}`;
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'test', alg: algorithm, use: 'sig' };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [client.redirectUri],
        post_logout_redirect_uris: [client.afterSignOut],
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['the cookies of a provider in a test'] },
    claims: { openid: ['sub'], profile: ['name', 'roles'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => Promise.resolve({ sub: id, ...accountOf(id) }),
    }),
    pkce: { required: () => true },
    features: {
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: 'purchases',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: algorithm } },
        }),
      },
    },
  });
  const server = provider.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    issuer,
    sign: (payload) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg: algorithm, kid: 'test', typ: 'at+jwt' })
        .sign(privateKey),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
