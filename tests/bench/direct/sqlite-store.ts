import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import type { DirectPlaces } from './direct-places.js';
import type { DirectStore } from './run-recorder.js';

/**
 * Stores each purchase as one row, in a file that this process writes itself. A write is on the disk when it returns: Dapr's
 * component has the same settings, the second by default.
 */
export function openSqlite({ store }: DirectPlaces): Promise<DirectStore> {
  const database = new Database(fileURLToPath(store));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE IF NOT EXISTS direct_purchases (id TEXT PRIMARY KEY, purchase TEXT NOT NULL)');
  const insertion = database.prepare(
    'INSERT INTO direct_purchases (id, purchase) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  return Promise.resolve({
    insert: (purchase) =>
      Promise.resolve(insertion.run(purchase.purchaseId, JSON.stringify(purchase)).changes === 1),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  });
}
