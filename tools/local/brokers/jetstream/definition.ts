import type { ServerComponent } from '../../servers/component-definition.js';
import { nats } from './server.js';

export const jetstream: ServerComponent = {
  type: 'pubsub.jetstream',
  server: nats,
  address: { key: 'natsURL', form: 'url' },
  plainServer: { provisioningPort: 4222 },
  provision: async (url, component, topic) => {
    const { ensureStreams } = await import('./streams.js');
    const { alignConsumer } = await import('./consumers.js');
    await ensureStreams(url, [topic]);
    await alignConsumer(url, component);
  },
  readTopic: async (url, _component, topic, take) => {
    const { readStream } = await import('./read-topic.js');
    await readStream(url, topic, take);
  },
  // The client tries to reconnect 60 times, once every two seconds (components-contrib 4563).
  recoversFrom: { outageMs: 90_000, fixedInOurBuild: true },
  // Subscriptions end with their connection.
  routineSidecarLines: ['nats: connection draining'],
};
