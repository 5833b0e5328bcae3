import type { Purchase } from '@unity-purchase/contracts';
import type { Collection, MongoClient } from 'mongodb';

/** A purchase as the recorder without a sidecar keeps it: one document each. */
export type DirectPurchase = Purchase & { _id: string; recordedAt: string };

/** In the database of the system itself, beside its collection. */
export function directPurchases(client: MongoClient): Collection<DirectPurchase> {
  return client.db('purchases').collection<DirectPurchase>('direct', { writeConcern: { w: 'majority' } });
}
