import { readFile, writeFile } from 'node:fs/promises';
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

/**
 * Changes the values in the file, as a fault of the store would, while no sidecar has it open. `change` gets every value by its key and
 * returns those to write; `null` deletes a key.
 */
export async function editSqlite(
  dataDir: string,
  change: (values: ReadonlyMap<string, string>) => ReadonlyMap<string, string | null>,
): Promise<void> {
  const { Database } = await initSqlJs();
  const file = join(dataDir, 'statestore.db');
  const database = new Database(await readFile(file));
  try {
    const rows = (database.exec('SELECT key, value FROM state')[0]?.values ?? []).map(
      ([key, value]) => [String(key), String(value)] as const,
    );
    const stored = new Map(rows.map(([key]) => [plainKey(key), key]));
    const changed = change(new Map(rows.map(([key, value]) => [plainKey(key), plainText(value)])));
    for (const [key, value] of changed) {
      const where = stored.get(key) ?? key;
      if (value === null) database.run('DELETE FROM state WHERE key = ?', [where]);
      else database.run('UPDATE state SET value = ? WHERE key = ?', [JSON.stringify(value), where]);
    }
    await writeFile(file, database.export());
  } finally {
    database.close();
  }
}
