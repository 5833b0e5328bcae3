import type { ServerComponent } from '../../servers/component-definition.js';
import { redisServer } from './server.js';

export const redis: ServerComponent = {
  type: 'pubsub.redis',
  server: redisServer,
  address: { key: 'redisHost', form: 'host' },
  plainServer: {},
  provision: async (...args) => (await import('./streams.js')).ensureStream(...args),
  readTopic: async (...args) => (await import('./read-topic.js')).readRedisStream(...args),
};
