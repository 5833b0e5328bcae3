import type { ServerComponent } from '../../servers/component-definition.js';
import { readRedisStream } from './read-topic.js';
import { redisServer } from './server.js';
import { ensureStream } from './streams.js';

export const redis: ServerComponent = {
  type: 'pubsub.redis',
  server: redisServer,
  address: { key: 'redisHost', form: 'host' },
  plainServer: {},
  provision: ensureStream,
  readTopic: readRedisStream,
};
