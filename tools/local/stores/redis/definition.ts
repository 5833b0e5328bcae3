import { redisServer } from '../../brokers/redis/server.js';
import type { ServerComponent } from '../../servers/component-definition.js';

/** The server is the same as the broker's, in `brokers/redis`. */
export const redis: ServerComponent = {
  type: 'state.redis',
  server: redisServer,
  address: { key: 'redisHost', form: 'host' },
  plainServer: {},
};
