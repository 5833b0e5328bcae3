import { join } from 'node:path';
import {
  superviseProcess,
  waitUntil,
  type ProcessFailure,
  type RunningSystem,
  type SupervisedProcess,
} from '@unity-purchase/tools';
import { MongoClient } from 'mongodb';
import type { Worker } from '../results.js';
import { writeDirectPlaces, type DirectPlaces } from './direct-places.js';
import { directPurchases } from './direct-purchases.js';
import { readMetric, withoutPause, type Accepting, type Pipeline } from './pipeline.js';

/** Leaving the group and draining take a second or two. */
const stopTimeoutMs = 15_000;

const readyTimeoutMs = 60_000;

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
  const storefront = service('direct-storefront', ports.storefront, places, onFailure);
  const recorder = service('direct-recorder', ports.recorder, places, onFailure);
  const bare = service('bare-storefront', ports.bare, { ...places, topic: bareTopic }, onFailure);
  const client = new MongoClient(places.store);
  const servers: readonly (readonly [Worker, SupervisedProcess])[] = [
    ['Kafka', system.process('kafka')],
    ['PostgreSQL', system.process('documentdb')],
    ['FerretDB', system.process('mongodb')],
  ];
  const running = (...own: readonly (readonly [Worker, SupervisedProcess])[]) =>
    [...own, ...servers].flatMap(([worker, { pid }]) => (pid === undefined ? [] : [{ worker, pid }]));
  await start(storefront, ports.storefront);
  await start(bare, ports.bare);
  return {
    bare: { storefront: urlOf(ports.bare), topic: bareTopic, processes: () => running(['storefront', bare]) },
    side: 'direct',
    storefront: urlOf(ports.storefront),
    topic: places.topic,
    group: places.group,
    recorder: {
      start: () => start(recorder, ports.recorder),
      stop: async () => {
        await recorder.stop();
      },
      recorded: () => readMetric(`${urlOf(ports.recorder)}/metrics`, 'purchases_recorded_total'),
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
    processes: () => running(['storefront', storefront], ['recorder', recorder]),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([storefront.stop(), recorder.stop(), bare.stop()]);
      await client.close();
    },
  };
}

const urlOf = (port: number) => `http://127.0.0.1:${port}`;

/** A process started the way the runner starts the real services. */
function service(
  name: string,
  port: number,
  places: DirectPlaces,
  onFailure: (failure: ProcessFailure) => void,
): SupervisedProcess {
  return superviseProcess(
    {
      name,
      command: process.execPath,
      args: ['--import', 'tsx', '--conditions=@unity-purchase/source', `${name}.ts`],
      cwd: join(import.meta.dirname),
      env: {
        ...process.env,
        ...writeDirectPlaces(places),
        PORT: String(port),
        ...withoutPause,
        SHUTDOWN_DELAY_MS: '0',
        // Required by the configuration; nothing calls it.
        DAPR_HTTP_PORT: '1',
      },
      stopTimeoutMs,
    },
    { onLine: () => undefined, onFailure },
  );
}

async function start(process: SupervisedProcess, port: number): Promise<void> {
  await process.start();
  await waitUntil(async () => {
    const status = await fetch(`${urlOf(port)}/health/ready`).then(
      (answer) => answer.status,
      () => undefined,
    );
    return status === 200 || `${process.name} is not ready`;
  }, readyTimeoutMs);
}
