import type { AppHealth } from '../run-file/read-run-file.js';

/** The ports of one instance of an app. */
export type AppPorts = {
  app: number;
  daprHttp: number;
  daprGrpc: number;
  metrics: number;
  /** For calls between sidecars. By default daprd chooses a free port. */
  internalGrpc?: number;
};

export type SidecarSettings = {
  appId: string;
  ports: AppPorts;
  appHealth: AppHealth;
  resourcesPaths: readonly string[];
  configFile: string | undefined;
  placementHostAddress: string | undefined;
  schedulerHostAddress: string | undefined;
  logLevel: string;
  /** How long daprd waits for the app to finish what was delivered to it. */
  gracefulShutdownSeconds: number;
};

/** Returns the arguments of a sidecar. Every port is on the loopback interface. */
export function daprdArguments(settings: SidecarSettings): string[] {
  const { ports, appHealth } = settings;
  return [
    '--app-id',
    settings.appId,
    '--app-port',
    String(ports.app),
    '--app-protocol',
    'http',
    '--app-channel-address',
    '127.0.0.1',
    '--dapr-http-port',
    String(ports.daprHttp),
    '--dapr-grpc-port',
    String(ports.daprGrpc),
    '--dapr-listen-addresses',
    '127.0.0.1',
    ...(ports.internalGrpc === undefined ? [] : ['--dapr-internal-grpc-port', String(ports.internalGrpc)]),
    // By default daprd opens its internal port on every interface.
    '--dapr-internal-grpc-listen-address',
    '127.0.0.1',
    '--metrics-port',
    String(ports.metrics),
    '--metrics-listen-address',
    '127.0.0.1',
    ...settings.resourcesPaths.flatMap((path) => ['--resources-path', path]),
    ...optional('--config', settings.configFile),
    ...optional('--placement-host-address', settings.placementHostAddress),
    ...optional('--scheduler-host-address', settings.schedulerHostAddress),
    ...(appHealth.enabled ? appHealthArguments(appHealth) : []),
    '--dapr-graceful-shutdown-seconds',
    String(settings.gracefulShutdownSeconds),
    '--log-level',
    settings.logLevel,
  ];
}

function appHealthArguments(appHealth: AppHealth): string[] {
  return [
    '--enable-app-health-check',
    '--app-health-check-path',
    appHealth.path,
    '--app-health-probe-interval',
    String(appHealth.probeIntervalSeconds),
    '--app-health-probe-timeout',
    String(appHealth.probeTimeoutMs),
    '--app-health-threshold',
    String(appHealth.threshold),
  ];
}

function optional(flag: string, value: string | undefined): string[] {
  return value === undefined ? [] : [flag, value];
}
