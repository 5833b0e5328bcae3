import { appIds } from '@unity-purchase/contracts';
import { withRedis } from '../../brokers/redis/connection.js';
import { plainKey, plainText, type StoreClient } from '../../../testing/store-client.js';

const scanBatchSize = 1000;

/** Reads the hashes that Dapr stores in Redis at `host:port`. */
export function redisStoreClient(address: string): StoreClient {
  return {
    values: () =>
      withRedis(address, async (client) => {
        const values = new Map<string, string>();
        const pattern = { MATCH: `${appIds.purchaseService}||*`, COUNT: scanBatchSize };
        for await (const keys of client.scanIterator(pattern))
          for (const key of keys)
            values.set(plainKey(key), plainText((await client.hGet(key, 'data')) ?? ''));
        return values;
      }),
  };
}
