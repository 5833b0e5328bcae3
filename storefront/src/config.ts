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

const schema = z
  .object({
    ...serviceSettings,
    NODE_ENV: z.string().default('development'),
    /** Lets whoever says who they are in. On by default, but never in production unless it is asked for by name. */
    DEMO_SIGN_IN: flag().optional(),
    /** Whether browsers reach the shop by HTTPS: the cookie is then `Secure`. */
    BEHIND_TLS: flag().optional(),
    /** Proxies whose X-Forwarded-For is believed: without them a client is whoever connects. */
    TRUST_PROXY: trustedProxies.default(false),
    /** What one client may send in a minute: ten a second are no person. */
    RATE_LIMIT_PER_MINUTE: wholeNumber('a number of requests from 1 to 1000000', 1, 1_000_000).default(600),
    /** What operators type to get to their pages; without it there are none. */
    OPERATOR_TOKEN: token().optional(),
    /** Another catalogue than the one that comes with the shop. */
    CATALOGUE_FILE: z.string().optional(),
  })
  .refine((env) => env.DEMO_SIGN_IN ?? env.NODE_ENV !== 'production', {
    path: ['DEMO_SIGN_IN'],
    error: 'is not true, and there is no other way to sign in',
  })
  .transform((env) => ({
    ...serviceConfiguration(env),
    behindTls: env.BEHIND_TLS ?? env.NODE_ENV === 'production',
    catalogueFile: env.CATALOGUE_FILE,
    operatorToken: env.OPERATOR_TOKEN,
    trustedProxies: env.TRUST_PROXY,
    requestsPerMinuteMax: env.RATE_LIMIT_PER_MINUTE,
  }));

export type Configuration = Readonly<z.infer<typeof schema>>;

/** @throws ConfigurationError naming every wrong variable */
export function configure(environment: NodeJS.ProcessEnv): Configuration {
  return readConfiguration(schema, environment);
}
