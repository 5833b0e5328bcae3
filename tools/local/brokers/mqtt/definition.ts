import type { ServerComponent } from '../../servers/component-definition.js';
import { mosquitto } from './server.js';

export const mqtt: ServerComponent = {
  type: 'pubsub.mqtt3',
  server: mosquitto,
  address: { key: 'url', form: 'url' },
  provision: async (...args) => (await import('./sessions.js')).ensureSession(...args),
};
