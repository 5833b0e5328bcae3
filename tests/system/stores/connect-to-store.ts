import { join } from 'node:path';
import type { ServerName } from '@unity-purchase/tools';
import { mongodbStore } from './mongodb-store.js';
import { postgresqlStore } from './postgresql-store.js';
import { redisStore } from './redis-store.js';
import { sqliteStore } from './sqlite-store.js';
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
