import * as purchaseService from '@unity-purchase/purchase-service';
import * as storefront from '@unity-purchase/storefront';
import {
  createLogger,
  Lifecycle,
  openService,
  type DaprGateway,
  type HealthCheck,
  type Service,
  type ServiceConfiguration,
} from '@unity-purchase/service-kit';
import type { Registry } from 'prom-client';
import { z } from 'zod';

/** A time series that our services register, under the name that Prometheus stores it by. */
export type ServiceMetric = {
  /** The services that register it. */
  jobs: readonly string[];
  labels: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  bounds: readonly number[];
};

const unused = () => Promise.reject(new Error('no request is sent'));

/** A gateway that returns a secret, and rejects every other request. */
const gateway: DaprGateway = {
  publish: unused,
  invoke: unused,
  stateStore: () => ({
    createIfAbsent: unused,
    save: unused,
    update: unused,
    getBulk: unused,
    delete: unused,
  }),
  readSecret: () => Promise.resolve('a'.repeat(64)),
  check: () => Promise.resolve(),
  waitUntilUp: () => Promise.resolve(),
  endSidecar: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

const logger = createLogger('test', { level: 'silent', format: 'json' });

/** The properties of prom-client's metrics that its types leave out. */
const registeredMetrics = z.array(
  z.object({
    name: z.string(),
    type: z.string(),
    labelNames: z.array(z.string()),
    upperBounds: z.array(z.number()).default([]),
  }),
);

/** Opens both services on free ports and returns their registries. */
export async function readRegistries(): Promise<Record<'storefront' | 'purchase-service', Registry>> {
  return {
    storefront: await registryOf({
      configure: storefront.configure,
      createDependencies: async (configuration, platform) =>
        storefront.createDependencies(
          configuration,
          platform,
          await storefront.readInputs(configuration, platform.gateway),
        ),
      createApp: storefront.createApp,
    }),
    'purchase-service': await registryOf(purchaseService),
  };
}

/** Every series of both services by its name. */
export async function readServiceMetrics(): Promise<Map<string, ServiceMetric>> {
  const registries = await readRegistries();
  const known = new Map<string, ServiceMetric>();
  for (const [job, registry] of Object.entries(registries))
    for (const { name, labels, bounds } of seriesIn(registry))
      known.set(name, { jobs: [...(known.get(name)?.jobs ?? []), job], labels, bounds });
  return known;
}

/** Opens a service with all that it registers, and closes it again. */
async function registryOf<
  Configuration extends ServiceConfiguration,
  Dependencies extends { healthChecks: readonly HealthCheck[] },
>(
  service: Pick<Service<Configuration, Dependencies>, 'configure' | 'createDependencies' | 'createApp'>,
): Promise<Registry> {
  const lifecycle = new Lifecycle(logger);
  const registries: Registry[] = [];
  const configuration = service.configure({ PORT: '1', DAPR_HTTP_PORT: '1' });
  try {
    await openService(
      {
        ...service,
        name: 'test',
        createDependencies: (settings, platform) => {
          registries.push(platform.registry);
          return service.createDependencies(settings, platform);
        },
        activityMetrics: { counters: {} },
        createGateway: () => Promise.resolve(gateway),
      },
      { ...configuration, http: { ...configuration.http, port: 0 } },
      lifecycle,
      logger,
    );
  } finally {
    await lifecycle.stop(0);
  }
  const [registry] = registries;
  if (registry === undefined) throw new Error('the service has no registry');
  return registry;
}

function seriesIn(registry: Registry): { name: string; labels: string[]; bounds: number[] }[] {
  return registeredMetrics
    .parse(registry.getMetricsAsArray())
    .flatMap(({ name, type, labelNames: labels, upperBounds: bounds }) =>
      type === 'histogram'
        ? [
            { name: `${name}_bucket`, labels: [...labels, 'le'], bounds },
            { name: `${name}_count`, labels, bounds: [] },
            { name: `${name}_sum`, labels, bounds: [] },
          ]
        : [{ name, labels, bounds: [] }],
    );
}
