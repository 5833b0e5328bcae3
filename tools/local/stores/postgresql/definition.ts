import type { ServerComponent } from '../../servers/component-definition.js';
import { postgresqlServer } from './server.js';

export const postgresql: ServerComponent = {
  type: 'state.postgresql',
  server: postgresqlServer,
  address: { key: 'connectionString', form: 'url' },
  plainServer: {},
};
