import { readConfiguration, serviceConfiguration, serviceSettings, token } from '@unity-purchase/service-kit';
import { z } from 'zod';

const schema = z
  .object({
    ...serviceSettings,
    /** The token that the sidecar sends with every request; the sidecar reads the same variable. */
    APP_API_TOKEN: token().optional(),
    /** The token of operators who call this service without a sidecar. */
    OPERATOR_TOKEN: token().optional(),
  })
  .refine((env) => env.OPERATOR_TOKEN === undefined || env.APP_API_TOKEN !== undefined, {
    path: ['APP_API_TOKEN'],
    error: 'is not set, but OPERATOR_TOKEN requires it: without it, every caller is admitted',
  })
  .transform((env) => ({
    ...serviceConfiguration(env),
    tokens: { sidecar: env.APP_API_TOKEN, operator: env.OPERATOR_TOKEN },
  }));

export type Configuration = Readonly<z.infer<typeof schema>>;

/** @throws ConfigurationError naming every invalid variable */
export function configure(environment: NodeJS.ProcessEnv): Configuration {
  return readConfiguration(schema, environment);
}
