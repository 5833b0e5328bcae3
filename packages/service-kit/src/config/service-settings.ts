import { hostname } from 'node:os';
import { z } from 'zod';

const missing = (what: string) => (issue: { input?: unknown }) =>
  issue.input === undefined ? `is not set; it is ${what}` : `must be ${what}`;

/** A whole number in an environment variable. */
export const wholeNumber = (what: string, min: number, max: number) =>
  z
    .string({ error: missing(what) })
    .regex(/^\d+$/, { error: `must be ${what}` })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `must be ${what}` });

/** A TCP port in an environment variable. */
export const port = () => wholeNumber('a port from 1 to 65535', 1, 65_535);

/** A duration in whole milliseconds in an environment variable, an hour at most. */
export const milliseconds = () => wholeNumber('a number of milliseconds up to 3600000', 0, 3_600_000);

/** Something that is switched on or off in an environment variable. */
export const flag = () =>
  z.enum(['true', 'false'], { error: 'must be true or false' }).transform((value) => value === 'true');

/** What somebody proves themselves with: nothing that can be guessed, and nothing that a header cannot carry. */
export const token = () =>
  z.string().regex(/^[\x21-\x7e]{16,}$/, { error: 'must be at least 16 characters, without spaces' });

/** The environment variables that every service understands. */
export const serviceSettings = {
  PORT: port(),
  /** Loopback unless told otherwise: anyone who reaches the port of a service can speak to it past its sidecar. */
  HOST: z.string().default('127.0.0.1'),
  /** Health and metrics move to a port of their own when this is set. */
  MANAGEMENT_PORT: port().optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),
  LOG_FORMAT: z
    .enum(['json', 'pretty'], { error: 'must be json or pretty' })
    .default(process.stdout.isTTY ? 'pretty' : 'json'),
  /** Tells this process from its replicas; in a cluster the pod's name. */
  INSTANCE_NAME: z.string().default(hostname()),
  /** How many requests may be in flight before more are refused, and how late the event loop may be before fewer are let in. */
  REQUESTS_IN_FLIGHT_MAX: wholeNumber('a number of requests from 1 to 100000', 1, 100_000).default(256),
  EVENT_LOOP_DELAY_MAX_MS: milliseconds().default(200),
  DAPR_HTTP_PORT: port(),
  DAPR_API_TOKEN: z.string().optional(),
  /** How long the start waits for the sidecar, which itself waits for broker and store. */
  SIDECAR_WAIT_MS: milliseconds().default(90_000),
  /** How long the service goes on answering after it said that it is not ready, so that callers can notice. */
  SHUTDOWN_DELAY_MS: milliseconds().default(5000),
  /** How long stopping may take altogether before the process ends itself. */
  SHUTDOWN_DEADLINE_MS: milliseconds().default(25_000),
  /** Traces are off unless this is set; the exporter reads it, and the other OTEL_ variables, itself. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ error: 'must be a URL' }).optional(),
};

type ServiceEnvironment = z.infer<z.ZodObject<typeof serviceSettings>>;

/** The variables that every service understands, as a service uses them. */
export function serviceConfiguration(env: ServiceEnvironment) {
  return {
    http: {
      port: env.PORT,
      host: env.HOST,
      managementPort: env.MANAGEMENT_PORT,
      admission: {
        requestsMax: env.REQUESTS_IN_FLIGHT_MAX,
        eventLoopDelayMaxMs: env.EVENT_LOOP_DELAY_MAX_MS,
      },
    },
    dapr: { httpPort: env.DAPR_HTTP_PORT, apiToken: env.DAPR_API_TOKEN, waitMs: env.SIDECAR_WAIT_MS },
    instanceName: env.INSTANCE_NAME,
    tracing: { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT },
    life: {
      log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT },
      shutdownDelayMs: env.SHUTDOWN_DELAY_MS,
      shutdownDeadlineMs: env.SHUTDOWN_DEADLINE_MS,
    },
  };
}
