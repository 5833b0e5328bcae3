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

/** A number of proxies before the shop, or their addresses and networks; none is `false`. */
export type TrustedProxies = false | number | string[];

const namedNetworks = ['loopback', 'linklocal', 'uniquelocal'];

const trustedProxies = z
  .string()
  .transform((value): TrustedProxies => (/^\d{1,2}$/.test(value) ? Number(value) : value.split(/\s*,\s*/)))
  .refine((value) => !Array.isArray(value) || value.every(isNetwork), {
    error: `must be a number of proxies, or addresses, networks (10.0.0.0/8) and ${namedNetworks.join(', ')} with commas between`,
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

/** Passwords and tokens go there: in the clear on one's own machine only. */
const issuer = z.url({ error: 'must be a URL', abort: true }).refine(
  (text) => {
    const { protocol, hostname } = new URL(text);
    return (
      protocol === 'https:' ||
      (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
    );
  },
  { error: 'must be an https URL; http is for this machine only' },
);

const schema = z
  .object({
    ...serviceSettings,
    NODE_ENV: z.string().default('development'),
    /**
     * Lets whoever says who they are in. On by default where there is no other way, but never in production unless it is asked
     * for by name.
     */
    DEMO_SIGN_IN: flag().optional(),
    /** Who says who somebody is, by OpenID Connect. */
    OIDC_ISSUER: issuer.optional(),
    OIDC_CLIENT_ID: z.string().min(1, { error: 'must not be empty' }).optional(),
    /** The client's secret, by its name in the secret store; without one the shop is a public client. */
    OIDC_CLIENT_SECRET_NAME: z.string().optional(),
    /** What access tokens for the shop's API are meant for; without it the API takes cookies only. */
    OIDC_API_AUDIENCE: z.string().optional(),
    /** The claim that lists somebody's roles, and the role that makes an operator. */
    OIDC_ROLES_CLAIM: z.string().default('roles'),
    OIDC_OPERATOR_ROLE: z.string().default('operator'),
    /** Where browsers reach the shop: where the issuer sends them back to. */
    PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be a web address' }).optional(),
    /** Whether browsers reach the shop by HTTPS: the cookie is then `Secure`. */
    BEHIND_TLS: flag().optional(),
    /** Proxies whose X-Forwarded-For is believed: without them a client is whoever connects. */
    TRUST_PROXY: trustedProxies.default(false),
    /** What one client may send in a minute: ten a second are no person. */
    RATE_LIMIT_PER_MINUTE: wholeNumber('a number of requests from 1 to 1000000', 1, 1_000_000).default(600),
    /** What operators type to get to their pages; without it there are none. */
    OPERATOR_TOKEN: token().optional(),
    /** Where to tell of a weakness, as security.txt tells it: `mailto:` or `https:`. */
    SECURITY_CONTACT: z
      .url({ protocol: /^(https|mailto)$/, error: 'must be an https or mailto address' })
      .optional(),
    /** Another catalogue than the one that comes with the shop. */
    CATALOGUE_FILE: z.string().optional(),
  })
  .superRefine((env, context) => {
    if (env.OIDC_ISSUER === undefined) return;
    for (const name of ['OIDC_CLIENT_ID', 'PUBLIC_URL'] as const)
      if (env[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'is not set, and OIDC_ISSUER needs it' });
  })
  .transform((env) => ({ ...env, demoSignIn: isDemo(env) }))
  .refine((env) => env.demoSignIn || env.OIDC_ISSUER !== undefined, {
    path: ['DEMO_SIGN_IN'],
    error: 'is not true, and there is no other way to sign in',
  })
  .transform((env) => ({
    ...serviceConfiguration(env),
    behindTls: env.BEHIND_TLS ?? env.NODE_ENV === 'production',
    catalogueFile: env.CATALOGUE_FILE,
    demoSignIn: env.demoSignIn,
    openId: openIdOf(env),
    operatorToken: env.OPERATOR_TOKEN,
    securityContact: env.SECURITY_CONTACT,
    trustedProxies: env.TRUST_PROXY,
    requestsPerMinuteMax: env.RATE_LIMIT_PER_MINUTE,
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

/** @throws ConfigurationError naming every wrong variable */
export function configure(environment: NodeJS.ProcessEnv): Configuration {
  return readConfiguration(schema, environment);
}
