import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { plainKey, plainText, type StoreClient } from '../../../testing/store-client.js';

/**
 * Reads the file that components/stores/sqlite names, in a system's data folder. Read it while no sidecar has it open: its
 * write-ahead log is not read.
 */
export function sqliteClient(dataDir: string): StoreClient {
  return {
    values: async () => {
      const { Database } = await initSqlJs();
      const database = new Database(await readFile(join(dataDir, 'statestore.db')));
      try {
        const [result] = database.exec('SELECT key, value FROM state');
        return new Map(
          result?.values.map(([key, value]) => [plainKey(String(key)), plainText(String(value))]),
        );
      } finally {
        database.close();
      }
    },
  };
}
