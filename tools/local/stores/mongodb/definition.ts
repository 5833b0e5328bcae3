import type { ServerComponent } from '../../servers/component-definition.js';
import { mongodbServer } from './server.js';

export const mongodb: ServerComponent = {
  type: 'state.mongodb',
  server: mongodbServer,
  address: {
    key: 'host',
    form: 'host',
    // The component prefers its connection string to its host.
    environment: { variable: 'MONGODB_URI', key: 'connectionString' },
  },
  plainServer: {},
};
