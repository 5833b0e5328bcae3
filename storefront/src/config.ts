import { isIP } from 'node:net';
import {
  flag,
  readConfiguration,
  serviceConfiguration,
  serviceSettings,
  token,
  wholeNumber,
} from '@unity-purchase/service-kit';
import { z } from 'zod';

/** The number of trusted proxies in front of the shop, or their addresses and networks; `false` for none. */
export type TrustedProxies = false | number | string[];

const namedNetworks = ['loopback', 'linklocal', 'uniquelocal'];

const trustedProxies = z
  .string()
  .transform((value): TrustedProxies => (/^\d{1,2}$/.test(value) ? Number(value) : value.split(/\s*,\s*/)))
  .refine((value) => !Array.isArray(value) || value.every(isNetwork), {
    error: `must be a number of proxies, or a list, separated by commas, of addresses, networks (10.0.0.0/8) and ${namedNetworks.join(', ')}`,
  });

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  if (namedNetworks.includes(text)) return true;
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return bits > 0 && more.length === 0 && (prefix === undefined || isBetween(prefix, 1, bits));
}

function isBetween(text: string, min: number, max: number): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) >= min && Number(text) <= max;
}

/** The runbooks in the project's repository. */
const runbooksUrl = 'https://github.com/unity-purchase/unity-purchase-system/blob/main/docs/runbooks.md';

/** Browsers and the shop send passwords and tokens to the issuer, so plain HTTP is only allowed on the same machine. */
const issuer = z.url({ error: 'must be a URL', abort: true }).refine(
  (text) => {
    const { protocol, hostname } = new URL(text);
    return (
      protocol === 'https:' ||
      (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
    );
  },
  { error: 'must be an https URL; http is only allowed for this machine' },
);

const schema = z
  .object({
    ...serviceSettings,
    NODE_ENV: z.string().default('development'),
    /**
     * Whether shoppers can sign in with any name and no password. The default is true without an issuer, except in production,
     * where it must be enabled explicitly.
     */
    DEMO_SIGN_IN: flag().optional(),
    /** The OpenID Connect issuer that shoppers and operators sign in with. */
    OIDC_ISSUER: issuer.optional(),
    OIDC_CLIENT_ID: z.string().min(1, { error: 'must not be empty' }).optional(),
    /** The name of the client secret in the secret store. Without one the shop is a public client. */
    OIDC_CLIENT_SECRET_NAME: z.string().optional(),
    /** The audience of access tokens for the shop's API. Without it the API accepts only cookies. */
    OIDC_API_AUDIENCE: z.string().optional(),
    /** The claim that lists a person's roles, and the role of operators. */
    OIDC_ROLES_CLAIM: z.string().default('roles'),
    OIDC_OPERATOR_ROLE: z.string().default('operator'),
    /** The address at which browsers reach the shop. The issuer redirects back to it, and forms come from its origin. */
    PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be a web address' }).optional(),
    /** Whether browsers reach the shop over HTTPS, so that cookies can be `Secure`. */
    BEHIND_TLS: flag().optional(),
    /** The proxies whose `X-Forwarded-*` are trusted. Without them the client is the address that connects. */
    TRUST_PROXY: trustedProxies.default(false),
    /** The number of requests that one client may send in a minute. The default, ten a second, is beyond what a person does. */
    RATE_LIMIT_PER_MINUTE: wholeNumber('a number of requests from 1 to 1000000', 1, 1_000_000).default(600),
    /** The number of requests of one client that are answered at the same time. The default is an eighth of the shop's own. */
    REQUESTS_PER_CLIENT_MAX: wholeNumber('a number of requests from 1 to 100000', 1, 100_000).default(32),
    /** The token that opens the operator desk. Without a token or an issuer there is no desk. */
    OPERATOR_TOKEN: token().optional(),
    /** The page of runbooks that the desk links to. */
    RUNBOOKS_URL: z.url({ protocol: /^https?$/, error: 'must be a web address' }).default(runbooksUrl),
    /** The local runner's token. With it and with demo sign-in, the desk can pause parts of the system. */
    LOCAL_RUNNER_TOKEN: token().optional(),
    /** Where to report a vulnerability, published in security.txt: `mailto:` or `https:`. */
    SECURITY_CONTACT: z
      .url({ protocol: /^(https|mailto)$/, error: 'must be an https or mailto address' })
      .optional(),
    /** The path of a catalogue that replaces the one included in the shop. */
    CATALOGUE_FILE: z.string().optional(),
  })
  .refine((env) => env.LOCAL_RUNNER_TOKEN === undefined || env.NODE_ENV !== 'production', {
    path: ['LOCAL_RUNNER_TOKEN'],
    error: 'must not be set in production: with it, operators can stop the broker and the store',
  })
  .superRefine((env, context) => {
    if (env.OIDC_ISSUER === undefined) return;
    for (const name of ['OIDC_CLIENT_ID', 'PUBLIC_URL'] as const)
      if (env[name] === undefined)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'is not set, but OIDC_ISSUER requires it',
        });
  })
  .transform((env) => ({ ...env, demoSignIn: isDemo(env) }))
  .refine((env) => env.demoSignIn || env.OIDC_ISSUER !== undefined, {
    path: ['DEMO_SIGN_IN'],
    error: 'must be true, because no other sign-in method is configured',
  })
  .transform((env) => ({
    ...serviceConfiguration(env),
    behindTls: env.BEHIND_TLS ?? env.NODE_ENV === 'production',
    catalogueFile: env.CATALOGUE_FILE,
    demoSignIn: env.demoSignIn,
    openId: openIdOf(env),
    localRunnerToken: env.demoSignIn ? env.LOCAL_RUNNER_TOKEN : undefined,
    operatorToken: env.OPERATOR_TOKEN,
    publicUrl: env.PUBLIC_URL,
    runbooksUrl: env.RUNBOOKS_URL,
    securityContact: env.SECURITY_CONTACT,
    trustedProxies: env.TRUST_PROXY,
    requestsPerMinuteMax: env.RATE_LIMIT_PER_MINUTE,
    requestsPerClientMax: env.REQUESTS_PER_CLIENT_MAX,
  }));

function isDemo(env: {
  DEMO_SIGN_IN?: boolean | undefined;
  OIDC_ISSUER?: string | undefined;
  NODE_ENV: string;
}): boolean {
  return env.DEMO_SIGN_IN ?? (env.OIDC_ISSUER === undefined && env.NODE_ENV !== 'production');
}

function openIdOf(env: {
  OIDC_ISSUER?: string | undefined;
  OIDC_CLIENT_ID?: string | undefined;
  OIDC_CLIENT_SECRET_NAME?: string | undefined;
  OIDC_API_AUDIENCE?: string | undefined;
  OIDC_ROLES_CLAIM: string;
  OIDC_OPERATOR_ROLE: string;
  PUBLIC_URL?: string | undefined;
}) {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, PUBLIC_URL } = env;
  if (OIDC_ISSUER === undefined || OIDC_CLIENT_ID === undefined || PUBLIC_URL === undefined) return undefined;
  return {
    issuer: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecretName: env.OIDC_CLIENT_SECRET_NAME,
    apiAudience: env.OIDC_API_AUDIENCE,
    rolesClaim: env.OIDC_ROLES_CLAIM,
    operatorRole: env.OIDC_OPERATOR_ROLE,
    publicUrl: PUBLIC_URL,
  };
}

export type Configuration = Readonly<z.infer<typeof schema>>;

/** Reads the configuration from environment variables. @throws ConfigurationError that names every invalid variable */
export function configure(environment: NodeJS.ProcessEnv): Configuration {
  return readConfiguration(schema, environment);
}
