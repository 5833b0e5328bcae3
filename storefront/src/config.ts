import { flag, readConfiguration, serviceConfiguration, serviceSettings } from '@unity-purchase/service-kit';
import { z } from 'zod';

const schema = z
  .object({
    ...serviceSettings,
    NODE_ENV: z.string().default('development'),
    /** Lets whoever says who they are in. On by default, but never in production unless it is asked for by name. */
    DEMO_SIGN_IN: flag().optional(),
    /** Whether browsers reach the shop by HTTPS: the cookie is then `Secure`. */
    BEHIND_TLS: flag().optional(),
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
  }));

export type Configuration = Readonly<z.infer<typeof schema>>;

/** @throws ConfigurationError naming every wrong variable */
export function configure(environment: NodeJS.ProcessEnv): Configuration {
  return readConfiguration(schema, environment);
}
