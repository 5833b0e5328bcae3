import type { EmbeddedComponent } from '../../servers/component-definition.js';

export const sqlite: EmbeddedComponent = {
  type: 'state.sqlite',
  file: { key: 'connectionString', title: 'SQLite, in the sidecar' },
};
