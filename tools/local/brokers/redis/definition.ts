import type { ServerComponent } from '../../servers/component-definition.js';
import { redisServer } from './server.js';

/** Redis needs no provisioning: Dapr creates the stream and the consumer group together, before the first event. */
export const redis: ServerComponent = {
  type: 'pubsub.redis',
  server: redisServer,
  address: { key: 'redisHost', form: 'host' },
};
