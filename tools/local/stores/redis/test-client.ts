import { appIds } from '@unity-purchase/contracts';
import { withRedis } from '../../brokers/redis/test-client.js';
import { plainKey, plainText, type StoreClient } from '../../../testing/store-client.js';

const scannedAtOnce = 1000;

/** The hashes that Dapr keeps in Redis at `host:port`. */
export function redisStore(address: string): StoreClient {
  return {
    values: () =>
      withRedis(address, async (client) => {
        const values = new Map<string, string>();
        const pattern = { MATCH: `${appIds.purchaseService}||*`, COUNT: scannedAtOnce };
        for await (const keys of client.scanIterator(pattern))
          for (const key of keys)
            values.set(plainKey(key), plainText((await client.hGet(key, 'data')) ?? ''));
        return values;
      }),
  };
}
