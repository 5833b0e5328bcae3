import { randomBytes } from 'node:crypto';
import { createDaprGateway, runService, serveApp, type DaprGateway } from '@unity-purchase/service-kit';
import { configure, createApp, createDependencies } from '@unity-purchase/storefront';
import { Kafka, logLevel } from 'kafkajs';
import { readDirectPlaces } from './direct-places.js';

/** The storefront with one difference: it publishes to Kafka itself. */
await runService(
  'direct-storefront',
  () => ({ ...configure(process.env), places: readDirectPlaces(process.env) }),
  async (configuration, lifecycle, logger) => {
    const { broker, topic } = configuration.places;
    const producer = new Kafka({
      clientId: 'direct-storefront',
      brokers: [broker],
      logLevel: logLevel.ERROR,
    }).producer();
    await producer.connect();
    lifecycle.onClose('broker', () => producer.disconnect());
    // There is no sidecar; the benchmark requests no histories here.
    const sidecar = createDaprGateway(configuration.dapr.httpPort, undefined);
    lifecycle.onClose('sidecar connections', () => sidecar.close());
    const gateway: DaprGateway = {
      ...sidecar,
      check: () => Promise.resolve(),
      publish: async ({ event, partitionKey }) => {
        await producer.send({
          topic,
          // All in-sync replicas acknowledge, as the component file requires of the sidecar.
          acks: -1,
          messages: [{ key: partitionKey, value: JSON.stringify(event) }],
        });
      },
    };
    const secret = randomBytes(32).toString('base64url');
    const {
      managementRoutes,
      recentActivity: _unused,
      ...dependencies
    } = await createDependencies(configuration, { gateway, secret }, lifecycle, logger);
    await serveApp(
      configuration.http,
      lifecycle,
      managementRoutes,
      (management) => createApp({ ...dependencies, management }),
      { registry: dependencies.registry, always: [] },
    );
  },
);
