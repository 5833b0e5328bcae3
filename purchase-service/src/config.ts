import { readConfiguration, serviceConfiguration, serviceSettings, token } from '@unity-purchase/service-kit';
import { z } from 'zod';

const schema = z
  .object({
    ...serviceSettings,
    /** What the sidecar says with everything it brings; the sidecar reads the same variable. */
    APP_API_TOKEN: token().optional(),
    /** What operators say who ask this service past a sidecar. */
    OPERATOR_TOKEN: token().optional(),
  })
  .refine((env) => env.OPERATOR_TOKEN === undefined || env.APP_API_TOKEN !== undefined, {
    path: ['APP_API_TOKEN'],
    error: 'is not set, and without it everybody is let in: with OPERATOR_TOKEN it must be',
  })
  .transform((env) => ({
    ...serviceConfiguration(env),
    tokens: { sidecar: env.APP_API_TOKEN, operator: env.OPERATOR_TOKEN },
  }));

export type Configuration = Readonly<z.infer<typeof schema>>;

/** @throws ConfigurationError naming every wrong variable */
export function configure(environment: NodeJS.ProcessEnv): Configuration {
  return readConfiguration(schema, environment);
}
