import type { RequestListener } from 'node:http';
import type { Router } from 'express';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { recoverFromBrokerOutages, type BrokerWatch } from '../dapr/broker-outages.js';
import { createDaprGateway, type DaprGateway } from '../dapr/gateway.js';
import type { HealthCheck } from '../health/health-checks.js';
import { createMonitoring, type ReadActivity } from '../health/monitoring.js';
import { serveApp, type ServeSettings } from '../http/serve-app.js';
import type { Logger } from '../logs/logger.js';
import type { ActivityMetrics } from '../metrics/recent-activity.js';
import { startTelemetry } from '../telemetry/start-telemetry.js';
import type { Lifecycle } from './lifecycle.js';
import { runService, type LifeSettings } from './run-service.js';

/** The settings that every service has: see `serviceConfiguration`. */
export type ServiceConfiguration = {
  http: ServeSettings;
  dapr: { httpPort: number; apiToken: string | undefined; waitMs: number };
  broker?: BrokerWatch | undefined;
  instanceName: string;
  tracing: { endpoint: string | undefined };
  life: LifeSettings;
};

/** What a service's dependencies are built from. A service names the calls of the gateway that it uses. */
export type Platform<Calls extends keyof DaprGateway = keyof DaprGateway> = {
  gateway: Pick<DaprGateway, Calls>;
  registry: Registry;
  logger: Logger;
};

/** What an app answers with besides its dependencies' work. */
export type AppMonitoring = {
  /** Health and metrics, as far as the service's own port answers them. */
  management: Router;
  readActivity: ReadActivity;
};

/** Every service says how to check what it depends on besides its sidecar. */
type CheckedDependencies = { healthChecks: readonly HealthCheck[] };

/** A service: how it is configured, built, served and stopped. */
export type Service<Configuration extends ServiceConfiguration, Dependencies extends CheckedDependencies> = {
  name: string;
  /** @throws ConfigurationError */
  configure: (environment: NodeJS.ProcessEnv) => Configuration;
  createDependencies: (
    configuration: Configuration,
    platform: Platform,
  ) => Dependencies | Promise<Dependencies>;
  createApp: (dependencies: Dependencies, monitoring: AppMonitoring) => RequestListener;
  /** Starts what the service does by itself. The returned function ends it when the port is closed, before the gateway. */
  startWork?: (dependencies: Dependencies) => () => Promise<void>;
  activityMetrics: ActivityMetrics;
  /** Paths that are answered even while the service is busy; health and metrics always are. */
  alwaysAdmitted?: readonly string[];
  /** The page that browsers get while the service is busy. */
  busyPage?: string;
  /** Ends what would keep the port from closing. Called when callers have had time to notice that the service stops. */
  endStreams?: (dependencies: Dependencies) => void | Promise<void>;
  /** Replaces the gateway to a sidecar. */
  createGateway?: (configuration: Configuration, lifecycle: Lifecycle) => Promise<DaprGateway>;
};

/** Runs a service until it is asked to stop: see `runService` and `openService`. */
export function startService<
  Configuration extends ServiceConfiguration,
  Dependencies extends CheckedDependencies,
>(service: Service<Configuration, Dependencies>): Promise<void> {
  return runService(
    service.name,
    () => service.configure(process.env),
    (configuration, lifecycle, logger) => openService(service, configuration, lifecycle, logger),
  );
}

/**
 * Opens a service: traces, the connection to its sidecar, its dependencies, its port. The port accepts requests only when
 * everything behind it is ready; Dapr would take a 404 for "drop this event". The lifecycle closes them in reverse order.
 *
 * @throws DaprError if the sidecar is not ready in time; whatever the dependencies or the port fail with
 */
export async function openService<
  Configuration extends ServiceConfiguration,
  Dependencies extends CheckedDependencies,
>(
  service: Service<Configuration, Dependencies>,
  configuration: Configuration,
  lifecycle: Lifecycle,
  logger: Logger,
): Promise<void> {
  const { createGateway = connectToSidecar, activityMetrics, alwaysAdmitted = [], busyPage } = service;
  const { broker, http, instanceName, tracing } = configuration;
  lifecycle.onClose('telemetry', await startTelemetry(service.name, tracing.endpoint));
  const gateway = await createGateway(configuration, lifecycle);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const dependencies = await service.createDependencies(configuration, { gateway, registry, logger });
  if (service.startWork !== undefined) lifecycle.onClose('own work', service.startWork(dependencies));
  const checks = [{ name: 'sidecar', check: () => gateway.check() }, ...dependencies.healthChecks];
  const options = { instanceName, checks, activityMetrics, lifecycle, registry, logger };
  const { recentActivity, readActivity, ...routes } = createMonitoring(options);
  await serveApp(
    http,
    lifecycle,
    routes,
    (management) => service.createApp(dependencies, { management, readActivity }),
    { registry, always: alwaysAdmitted, ...(busyPage === undefined ? {} : { busyPage }) },
  );
  recentActivity.start();
  lifecycle.onClose('activity', () => {
    recentActivity.close();
  });
  lifecycle.onClose('streams', () => service.endStreams?.(dependencies));
  logger.info(http, 'listening');
  if (broker !== undefined) watchBroker(broker, gateway, lifecycle, logger);
}

function watchBroker(
  broker: BrokerWatch,
  { endSidecar }: DaprGateway,
  lifecycle: Lifecycle,
  logger: Logger,
): void {
  const end = new AbortController();
  lifecycle.onClose('broker watch', () => {
    end.abort();
  });
  void recoverFromBrokerOutages({ ...broker, endSidecar, logger, signal: end.signal });
}

async function connectToSidecar(
  { dapr, http }: ServiceConfiguration,
  lifecycle: Lifecycle,
): Promise<DaprGateway> {
  // Reads that hang leave half of the places for buying.
  const readsMax = Math.ceil(http.admission.requestsMax / 2);
  const gateway = createDaprGateway(dapr.httpPort, dapr.apiToken, readsMax);
  lifecycle.onClose('sidecar connections', () => gateway.close());
  await gateway.waitUntilUp(dapr.waitMs);
  return gateway;
}
