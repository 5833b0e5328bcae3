import type { ServerComponent } from '../../servers/component-definition.js';
import { rabbitmqServer } from './server.js';

export const rabbitmq: ServerComponent = {
  type: 'pubsub.rabbitmq',
  server: rabbitmqServer,
  address: { key: 'connectionString', form: 'url' },
  // publishSync in components-contrib, pubsub/rabbitmq: a basic.nack is logged, and no error is returned.
  acknowledgesFalsely: true,
  plainServer: { provisioningPort: 5672 },
  provision: async (...args) => (await import('./queues.js')).ensureQueue(...args),
};
