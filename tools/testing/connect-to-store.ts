import { join } from 'node:path';
import type { ServerName } from '../local/servers/server-definition.js';
import { mongodbStore } from '../local/stores/mongodb/test-client.js';
import { postgresqlStore } from '../local/stores/postgresql/test-client.js';
import { redisStore } from '../local/stores/redis/test-client.js';
import { sqliteStore } from '../local/stores/sqlite/test-client.js';
import type { StoreClient } from './store-client.js';

export type Store =
  | { server: ServerName; connect: (address: string) => StoreClient }
  /** Embedded in the sidecar: a file in the data folder. */
  | { server: undefined; open: (dataDir: string) => StoreClient };

/** For each folder under components/stores: the server behind it, if there is one, and its native client. */
export const stores: Readonly<Record<string, Store>> = {
  mongodb: { server: 'mongodb', connect: mongodbStore },
  postgresql: { server: 'postgresql', connect: postgresqlStore },
  redis: { server: 'redis', connect: redisStore },
  sqlite: { server: undefined, open: (dataDir) => sqliteStore(join(dataDir, 'statestore.db')) },
};
