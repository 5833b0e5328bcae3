import { readFile } from 'node:fs/promises';
import initSqlJs from 'sql.js';
import { plainKey, plainText, type StoreClient } from '../../../testing/store-client.js';

/** The file of components/stores/sqlite. To be read when nobody has it open: what is in its write-ahead log is not seen. */
export function sqliteStore(path: string): StoreClient {
  return {
    values: async () => {
      const { Database } = await initSqlJs();
      const database = new Database(await readFile(path));
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
