import { setTimeout as delay } from 'node:timers/promises';
import { appIds, components, topics } from '@unity-purchase/contracts';
import { shardCount } from '@unity-purchase/purchase-service';
import { createDaprGateway } from '@unity-purchase/service-kit';
import { waitUntil } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { readMetric } from '../../system/prometheus.js';
import { startTestSystem, type TestSystem } from '../../system/test-system.js';
import { connectKafkaBacklog } from '../load/kafka-backlog.js';
import { startProcessorClock } from '../measures/processor-time.js';
import { recordedMetric, runningOf } from '../pipelines/pipeline.js';
import type { ProcessorTime } from '../results.js';
import { watchPartitions } from './partition-moves.js';
import type { MeasuredCosts } from './simulate-replicas.js';

/** Replicas of the purchase-service that recorded a backlog on this machine. */
export type MeasuredReplicas = {
  replicas: number;
  purchases: number;
  seconds: number;
  processorMs: ProcessorTime;
  /** How many shards of the journal they used. */
  shards: number;
  /** Writes that the store refused, usually because another replica was faster, and their time in milliseconds. */
  refused: number;
  refusedMs: number;
  /** How often a partition got another replica while all recorded. */
  moves: number;
};

const lookIntervalMs = 100;
const recordedWithinMs = 180_000;

/** Sequential calls in an otherwise idle system. */
const callSamples = 300;

/** A page or the tail of a log reads about as many keys. */
const keysPerRead = 20;

/** Starts replicas with a backlog, all at once, and measures from the moment at which all of them record. */
export async function measureReplicas(
  replicas: number,
  backlogCount: number,
): Promise<{ measured: MeasuredReplicas; latencies: Pick<MeasuredCosts, 'createMs' | 'readMs'> }> {
  await using shop = await startTestSystem({
    broker: 'kafka',
    store: 'mongodb',
    apps: Array.from({ length: replicas }, (_, index) => ({
      appId: appIds.purchaseService,
      env: { INSTANCE_NAME: `purchase-service-${String(index + 1)}` },
    })),
  });
  const latencies = await measureLatencies(shop);
  const services = servicesOf(shop);
  await startWithBacklog(shop, services, backlogCount);
  await waitUntil(async () => {
    const counts = await recordedBy(shop, services).catch(() => [0]);
    return counts.every((count) => count > 0) || `recorded by each replica: ${counts.join(', ')}`;
  }, recordedWithinMs);

  const { port } = shop.system.server('kafka');
  await using partitions = await watchPartitions(port, topics.purchaseEvents, appIds.purchaseService);
  const clock = await startProcessorClock({ processes: processesOf(shop, services) });
  const recordedBefore = sumOf(await recordedBy(shop, services));
  const refusedBefore = await refusedWrites(shop, services);
  const startMs = performance.now();
  for (;;) {
    const total = sumOf(await recordedBy(shop, services));
    if (total >= backlogCount) break;
    if (performance.now() - startMs > recordedWithinMs)
      throw new Error(`${String(total)} of ${String(backlogCount)} purchases are recorded`);
    await delay(lookIntervalMs);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const processorMs = await clock.elapsed();
  const refused = await refusedWrites(shop, services);
  const measured = {
    replicas,
    purchases: backlogCount - recordedBefore,
    seconds,
    processorMs,
    shards: await usedShards(shop),
    refused: refused.count - refusedBefore.count,
    refusedMs: refused.ms - refusedBefore.ms,
    moves: partitions.movesSince(),
  };
  return { measured, latencies };
}

/** The names of the replicas. */
function servicesOf({ system }: TestSystem): string[] {
  return system.names().filter((name) => /^purchase-service(-\d+)?$/.test(name));
}

/** Stops the replicas and their sidecars, fills the topic, and starts all of them at once. */
async function startWithBacklog(
  { system }: TestSystem,
  services: readonly string[],
  count: number,
): Promise<void> {
  const processes = [...services.map((name) => `${name}-sidecar`), ...services].map((name) =>
    system.process(name),
  );
  // Sidecars first, so that delivered events are still recorded.
  for (const process of processes) await process.stop();
  await using backlog = await connectKafkaBacklog(`127.0.0.1:${String(system.server('kafka').port)}`);
  await backlog.skip(topics.purchaseEvents, appIds.purchaseService);
  await backlog.fill(topics.purchaseEvents, count);
  await Promise.all(processes.map((process) => process.start()));
}

/** How many purchases each replica has recorded since it started. */
function recordedBy({ system }: TestSystem, services: readonly string[]): Promise<number[]> {
  return Promise.all(services.map((name) => readMetric(`${system.url(name)}/metrics`, recordedMetric)));
}

/** The writes that the store has refused, and their time. */
async function refusedWrites(
  { system }: TestSystem,
  services: readonly string[],
): Promise<{ count: number; ms: number }> {
  const sumOfMetric = async (name: string) =>
    sumOf(
      await Promise.all(
        services.map((service) => {
          const { metrics } = system.ports(service);
          return readMetric(`http://127.0.0.1:${String(metrics)}/metrics`, name, 'success="false"');
        }),
      ),
    );
  return {
    count: await sumOfMetric('dapr_component_state_count'),
    ms: await sumOfMetric('dapr_component_state_latencies_sum'),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

function processesOf({ system }: TestSystem, services: readonly string[]) {
  return runningOf([
    ...services.map((name) => ['recorder', system.process(name)] as const),
    ...services.map((name) => ['recorder sidecar', system.process(`${name}-sidecar`)] as const),
    ['Kafka', system.process('kafka')],
    ['PostgreSQL', system.process('documentdb')],
    ['FerretDB', system.process('mongodb')],
  ]);
}

/** How long calls of the state store take, one after the other. */
async function measureLatencies(shop: TestSystem): Promise<{ createMs: number[]; readMs: number[] }> {
  const { store, close } = storeOf(shop);
  const createMs: number[] = [];
  const readMs: number[] = [];
  const prefix = `measured-${v7()}`;
  try {
    for (let call = 0; call < callSamples; call += 1) {
      const keys = Array.from({ length: keysPerRead }, (_, index) => `${prefix}-${String(call + index)}`);
      const startMs = performance.now();
      await store.createIfAbsent(`${prefix}-${String(call)}`, JSON.stringify({ text: 'x'.repeat(400) }));
      const createdMs = performance.now();
      await store.getBulk(keys);
      createMs.push(createdMs - startMs);
      readMs.push(performance.now() - createdMs);
    }
  } finally {
    await close();
  }
  // The first calls of new processes are slow.
  return { createMs: createMs.slice(callSamples / 3), readMs: readMs.slice(callSamples / 3) };
}

async function usedShards(shop: TestSystem): Promise<number> {
  const { store, close } = storeOf(shop);
  const keys = Array.from({ length: shardCount }, (_, shard) => `journal:${String(shard)}:1`);
  try {
    return (await store.getBulk(keys)).size;
  } finally {
    await close();
  }
}

function storeOf({ system }: TestSystem) {
  const gateway = createDaprGateway(system.ports(appIds.purchaseService).daprHttp, undefined);
  return { store: gateway.stateStore(components.stateStore), close: () => gateway.close() };
}
