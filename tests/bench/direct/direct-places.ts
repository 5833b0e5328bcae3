import { readConfiguration } from '@unity-purchase/service-kit';
import { z } from 'zod';

const schema = z
  .object({
    DIRECT_BROKER: z.string(),
    DIRECT_TOPIC: z.string(),
    DIRECT_GROUP: z.string(),
    DIRECT_STORE: z.url(),
  })
  .transform((env) => ({
    broker: env.DIRECT_BROKER,
    topic: env.DIRECT_TOPIC,
    group: env.DIRECT_GROUP,
    store: env.DIRECT_STORE,
  }));

/** The addresses of broker and store for the services without sidecars. */
export type DirectPlaces = Readonly<z.infer<typeof schema>>;

/** @throws ConfigurationError naming every wrong variable */
export function readDirectPlaces(environment: NodeJS.ProcessEnv): DirectPlaces {
  return readConfiguration(schema, environment);
}

/** The environment variables for these addresses. */
export function writeDirectPlaces({ broker, topic, group, store }: DirectPlaces): Record<string, string> {
  return { DIRECT_BROKER: broker, DIRECT_TOPIC: topic, DIRECT_GROUP: group, DIRECT_STORE: store };
}
