import { readConfiguration, serviceConfiguration, serviceSettings } from '@unity-purchase/service-kit';
import { z } from 'zod';

const schema = z.object(serviceSettings).transform(serviceConfiguration);

export type Configuration = Readonly<z.infer<typeof schema>>;

/** @throws ConfigurationError naming every wrong variable */
export function configure(environment: NodeJS.ProcessEnv): Configuration {
  return readConfiguration(schema, environment);
}
