import { readConfiguration, serviceSettings } from '@unity-purchase/service-kit';
import { z } from 'zod';

const schema = z.object(serviceSettings).transform((env) => ({
  http: { port: env.PORT, host: env.HOST, managementPort: env.MANAGEMENT_PORT },
  dapr: { httpPort: env.DAPR_HTTP_PORT, apiToken: env.DAPR_API_TOKEN, waitMs: env.SIDECAR_WAIT_MS },
  instanceName: env.INSTANCE_NAME,
  tracing: { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT },
  life: {
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT },
    shutdownDelayMs: env.SHUTDOWN_DELAY_MS,
    shutdownDeadlineMs: env.SHUTDOWN_DEADLINE_MS,
  },
}));

export type Configuration = Readonly<z.infer<typeof schema>>;

/** @throws ConfigurationError naming every wrong variable */
export function configure(environment: NodeJS.ProcessEnv): Configuration {
  return readConfiguration(schema, environment);
}
