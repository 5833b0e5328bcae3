import pg from 'pg';
import type { DirectPlaces } from './direct-places.js';
import { partitionsAtOnce } from './kafka-consumer.js';
import type { DirectStore } from './run-recorder.js';

const insertion = {
  // With a name, PostgreSQL plans it once for each connection, as it does for Dapr.
  name: 'insert-purchase',
  text: 'INSERT INTO direct_purchases (id, purchase) VALUES ($1, $2) ON CONFLICT DO NOTHING',
};

/** Stores each purchase as one row of JSON, next to the system's table. No event waits for a connection. */
export async function openPostgresql({ store }: DirectPlaces): Promise<DirectStore> {
  const pool = new pg.Pool({ connectionString: store, max: partitionsAtOnce });
  await pool.query(
    'CREATE TABLE IF NOT EXISTS direct_purchases (id uuid PRIMARY KEY, purchase jsonb NOT NULL)',
  );
  return {
    insert: async (purchase) => {
      const { rowCount } = await pool.query({ ...insertion, values: [purchase.purchaseId, purchase] });
      return rowCount === 1;
    },
    close: () => pool.end(),
  };
}
