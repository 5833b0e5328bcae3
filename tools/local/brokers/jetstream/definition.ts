import type { ServerComponent } from '../../servers/component-definition.js';
import { nats } from './server.js';
import { ensureStreams } from './streams.js';

export const jetstream: ServerComponent = {
  type: 'pubsub.jetstream',
  server: nats,
  address: { key: 'natsURL', form: 'url' },
  provision: (url) => ensureStreams(url),
  // 60 tries, one every two seconds (components-contrib 4563).
  reconnectsForMs: 120_000,
  // Subscriptions end with their connection.
  routineSidecarLines: ['nats: connection draining'],
};
