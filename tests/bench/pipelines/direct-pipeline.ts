import type { ProcessFailure, RunningSystem, SupervisedProcess } from '@unity-purchase/tools';
import { MongoClient } from 'mongodb';
import type { DirectPlaces } from '../direct/direct-places.js';
import { directPurchases } from '../direct/mongodb-store.js';
import type { Worker } from '../results.js';
import { directRecorder, directService } from './direct-service.js';
import { runningOf, type Accepting, type Pipeline } from './pipeline.js';

export type DirectPipeline = Pipeline &
  AsyncDisposable & {
    /** A server that does the least that is possible, and publishes to a topic of its own that no one reads. */
    bare: Accepting & { topic: string };
  };

const bareTopic = 'bare-purchase-events';

/** Starts the pipeline without sidecars next to a system whose broker and store it shares. */
export async function startDirectPipeline(
  system: RunningSystem,
  ports: { storefront: number; recorder: number; bare: number },
  onFailure: (failure: ProcessFailure) => void,
): Promise<DirectPipeline> {
  const places: DirectPlaces = {
    broker: `127.0.0.1:${system.server('kafka').port}`,
    topic: 'direct-purchase-events',
    group: 'direct-recorder',
    store: `mongodb://127.0.0.1:${system.server('mongodb').port}/?directConnection=true`,
  };
  const storefront = directService('direct-storefront', { port: ports.storefront, places, onFailure });
  const recorder = directService('kafka-mongodb-recorder', { port: ports.recorder, places, onFailure });
  const ofBare = { ...places, topic: bareTopic };
  const bare = directService('bare-storefront', { port: ports.bare, places: ofBare, onFailure });
  const client = new MongoClient(places.store);
  const running = (...own: readonly (readonly [Worker, SupervisedProcess])[]) =>
    runningOf([
      ...own,
      ['Kafka', system.process('kafka')],
      ['PostgreSQL', system.process('documentdb')],
      ['FerretDB', system.process('mongodb')],
    ]);
  await storefront.start();
  await bare.start();
  return {
    bare: { storefront: bare.url, topic: bareTopic, processes: running(['storefront', bare.process]) },
    side: 'direct',
    storefront: storefront.url,
    topic: places.topic,
    group: places.group,
    recorder: {
      ...directRecorder(recorder),
      read: async (shopperIds) => {
        const found = directPurchases(client).find({ 'shopper.id': { $in: [...shopperIds] } });
        return found
          .map(({ placedAt, recordedAt }) => {
            const placedAtMs = Date.parse(placedAt);
            return { placedAtMs, ageMs: Date.parse(recordedAt) - placedAtMs };
          })
          .toArray();
      },
    },
    processes: running(['storefront', storefront.process], ['recorder', recorder.process]),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([storefront, recorder, bare].map(({ stop }) => stop()));
      await client.close();
    },
  };
}
