import type { ServerComponent } from '../../servers/component-definition.js';
import { ensureQueues } from './queues.js';
import { rabbitmqServer } from './server.js';

export const rabbitmq: ServerComponent = {
  type: 'pubsub.rabbitmq',
  server: rabbitmqServer,
  address: { key: 'connectionString', form: 'url' },
  provision: (url) => ensureQueues(url),
};
