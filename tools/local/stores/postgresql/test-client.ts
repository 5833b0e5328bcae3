import pg from 'pg';
import { plainKey, plainText, type StoreClient } from '../../../testing/store-client.js';

/** Reads the table that components/stores/postgresql names, from a server at `host:port`. */
export function postgresqlClient(address: string): StoreClient {
  return {
    values: async () => {
      const client = new pg.Client(`postgres://postgres@${address}/postgres`);
      await client.connect();
      try {
        const { rows } = await client.query<{ key: string; value: Buffer }>('SELECT key, value FROM state');
        return new Map(rows.map(({ key, value }) => [plainKey(key), plainText(value.toString('utf8'))]));
      } finally {
        await client.end();
      }
    },
  };
}
