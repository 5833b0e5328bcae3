import type { ServerComponent } from '../../servers/component-definition.js';
import { alignConsumer } from './consumers.js';
import { readStream } from './read-topic.js';
import { nats } from './server.js';
import { ensureStreams } from './streams.js';

export const jetstream: ServerComponent = {
  type: 'pubsub.jetstream',
  server: nats,
  address: { key: 'natsURL', form: 'url' },
  plainServer: { provisioningPort: 4222 },
  provision: async (url, component, topic) => {
    await ensureStreams(url, [topic]);
    await alignConsumer(url, component);
  },
  readTopic: (url, _component, topic, take) => readStream(url, topic, take),
  // The client tries to reconnect 60 times, once every two seconds (components-contrib 4563).
  recoversFrom: { outageMs: 90_000, fixedInOurBuild: true },
  // Subscriptions end with their connection.
  routineSidecarLines: ['nats: connection draining'],
};
