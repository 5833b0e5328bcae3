import { randomBytes } from 'node:crypto';
import { createDaprGateway, startService } from '@unity-purchase/service-kit';
import { configure, createApp, createDependencies, readInputs } from '@unity-purchase/storefront';
import { Kafka, logLevel } from 'kafkajs';
import { readDirectPlaces } from './direct-places.js';

/** The storefront with one difference: it publishes to Kafka itself. There is no sidecar, so it cannot read histories. */
await startService({
  name: 'direct-storefront',
  configure: (environment) => ({ ...configure(environment), places: readDirectPlaces(environment) }),
  createGateway: async ({ dapr, places }, lifecycle) => {
    const producer = new Kafka({
      clientId: 'direct-storefront',
      brokers: [places.broker],
      logLevel: logLevel.ERROR,
    }).producer();
    await producer.connect();
    lifecycle.onClose('broker', () => producer.disconnect());
    return {
      ...createDaprGateway(dapr.httpPort, undefined),
      check: () => Promise.resolve(),
      readSecret: () => Promise.resolve(randomBytes(32).toString('base64url')),
      publish: async ({ event, partitionKey }) => {
        await producer.send({
          topic: places.topic,
          // Every in-sync replica has it: what the component file asks of the sidecar.
          acks: -1,
          messages: [{ key: partitionKey, value: JSON.stringify(event) }],
        });
      },
    };
  },
  createDependencies: async (configuration, platform) =>
    createDependencies(configuration, platform, await readInputs(configuration, platform.gateway)),
  createApp,
  activityMetrics: { counters: {} },
});
