import { hostname } from 'node:os';
import { z } from 'zod';

const missing = (what: string) => (issue: { input?: unknown }) =>
  issue.input === undefined ? `is not set; it is ${what}` : `must be ${what}`;

/** An environment variable with a whole number. `what` describes it in error messages. */
export const wholeNumber = (what: string, min: number, max: number) =>
  z
    .string({ error: missing(what) })
    .regex(/^\d+$/, { error: `must be ${what}` })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `must be ${what}` });

/** An environment variable with a TCP port. */
export const port = () => wholeNumber('a port from 1 to 65535', 1, 65_535);

/** An environment variable with a duration of at most an hour, in whole milliseconds. */
export const milliseconds = () => wholeNumber('a number of milliseconds up to 3600000', 0, 3_600_000);

/** An environment variable that switches something on or off. */
export const flag = () =>
  z.enum(['true', 'false'], { error: 'must be true or false' }).transform((value) => value === 'true');

/** An environment variable with a bearer token: long enough not to be guessed, and valid in a header. */
export const token = () =>
  z.string().regex(/^[\x21-\x7e]{16,}$/, { error: 'must be at least 16 characters, without spaces' });

/** An environment variable with the addresses of servers: `host:port`, separated by commas. */
export const addresses = () =>
  z
    .string()
    .regex(/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/, { error: 'must be host:port, separated by commas' })
    .transform((text) =>
      text.split(',').map((address) => {
        const [host = '', portText] = address.split(':');
        return { host, port: Number(portText) };
      }),
    );

/** The environment variables of every service. */
export const serviceSettings = {
  PORT: port(),
  /** Loopback by default: anyone who can reach the port can bypass the sidecar. */
  HOST: z.string().default('127.0.0.1'),
  /** If set, health and metrics are served on this port instead. */
  MANAGEMENT_PORT: port().optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),
  LOG_FORMAT: z
    .enum(['json', 'pretty'], { error: 'must be json or pretty' })
    .default(process.stdout.isTTY ? 'pretty' : 'json'),
  /** The name of this replica; in a cluster, the pod's name. */
  INSTANCE_NAME: z.string().default(hostname()),
  /** The limits of requests in flight and of event loop delay: see `AdmissionLimits`. */
  REQUESTS_IN_FLIGHT_MAX: wholeNumber('a number of requests from 1 to 100000', 1, 100_000).default(256),
  EVENT_LOOP_DELAY_MAX_MS: milliseconds().default(200),
  /**
   * How long an idle connection stays open. A proxy that keeps its connections longer than the service sends requests on
   * connections that are just being closed. Nginx and AWS use 60 seconds, Google's load balancers 600.
   */
  KEEP_ALIVE_MS: milliseconds().default(620_000),
  DAPR_HTTP_PORT: port(),
  DAPR_API_TOKEN: z.string().optional(),
  /** How long the start waits for the sidecar, which in turn waits for its broker and store. */
  SIDECAR_WAIT_MS: milliseconds().default(90_000),
  /**
   * Where the broker accepts connections. If set, the service ends its sidecar when the broker is back after an outage that is
   * longer than `BROKER_OUTAGE_MAX_MS`: see `recoverFromBrokerOutages`.
   */
  BROKER_ADDRESS: addresses().optional(),
  BROKER_OUTAGE_MAX_MS: milliseconds().default(30_000),
  /** How long a stopping service keeps answering after it reports that it is not ready, so that callers can notice. */
  SHUTDOWN_DELAY_MS: milliseconds().default(5000),
  /** How long stopping may take in total before the process exits. */
  SHUTDOWN_DEADLINE_MS: milliseconds().default(25_000),
  /** Enables traces. The exporter reads this and the other OTEL_ variables itself. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ error: 'must be a URL' }).optional(),
};

type ServiceEnvironment = z.infer<z.ZodObject<typeof serviceSettings>>;

/** The settings of every service, from its environment variables. */
export function serviceConfiguration(env: ServiceEnvironment) {
  return {
    http: {
      port: env.PORT,
      host: env.HOST,
      managementPort: env.MANAGEMENT_PORT,
      keepAliveMs: env.KEEP_ALIVE_MS,
      admission: {
        requestsMax: env.REQUESTS_IN_FLIGHT_MAX,
        eventLoopDelayMaxMs: env.EVENT_LOOP_DELAY_MAX_MS,
      },
    },
    dapr: { httpPort: env.DAPR_HTTP_PORT, apiToken: env.DAPR_API_TOKEN, waitMs: env.SIDECAR_WAIT_MS },
    broker: env.BROKER_ADDRESS && { hosts: env.BROKER_ADDRESS, outageMaxMs: env.BROKER_OUTAGE_MAX_MS },
    instanceName: env.INSTANCE_NAME,
    tracing: { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT },
    life: {
      log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT },
      shutdownDelayMs: env.SHUTDOWN_DELAY_MS,
      shutdownDeadlineMs: env.SHUTDOWN_DEADLINE_MS,
    },
  };
}
