import { MongoClient, MongoServerError, type Collection } from 'mongodb';
import type { DirectPlaces } from './direct-places.js';
import type { DirectPurchase, DirectStore } from './run-recorder.js';

/** MongoDB's error code for a duplicate `_id`. */
const duplicateKey = 11_000;

/** Uses the system's database, next to its collection. */
export function directPurchases(client: MongoClient): Collection<DirectPurchase & { _id: string }> {
  return client.db('purchases').collection('direct', { writeConcern: { w: 'majority' } });
}

/** Stores each purchase as one document. */
export async function openMongodb({ store }: DirectPlaces): Promise<DirectStore> {
  const client = await new MongoClient(store).connect();
  const purchases = directPurchases(client);
  return {
    insert: async (purchase) => {
      try {
        await purchases.insertOne({ _id: purchase.purchaseId, ...purchase });
        return true;
      } catch (error) {
        if (error instanceof MongoServerError && error.code === duplicateKey) return false;
        throw error;
      }
    },
    close: () => client.close(),
  };
}
