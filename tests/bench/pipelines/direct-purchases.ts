import type { Purchase } from '@unity-purchase/contracts';
import type { Collection, MongoClient } from 'mongodb';

/** A purchase as the recorder without a sidecar stores it: one document. */
export type DirectPurchase = Purchase & { _id: string; recordedAt: string };

/** Uses the system's database, next to its collection. */
export function directPurchases(client: MongoClient): Collection<DirectPurchase> {
  return client.db('purchases').collection<DirectPurchase>('direct', { writeConcern: { w: 'majority' } });
}
