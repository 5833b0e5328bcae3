import { setTimeout as delay } from 'node:timers/promises';
import { appIds, topics } from '@unity-purchase/contracts';
import { topicPartitions } from '@unity-purchase/tools';
import { Kafka, logLevel, type Admin, type Consumer, type Producer } from 'kafkajs';

/** Purchases that are made and recorded, at rates that a run chooses; what waits in between is the lag. */
export type Purchases = AsyncDisposable & {
  /** Per second, made. */
  made: number;
  /** Per second, recorded by each pod. */
  recordedPerPod: number;
  /** How many there are to record. */
  pods: number;
  /** Makes this many at once; resolves when the broker has them. */
  make: (count: number) => Promise<void>;
  /** How many are made and not recorded, as the broker knows it; undefined when it does not answer. */
  lag: () => Promise<number | undefined>;
};

const topic = topics.purchaseEvents;
const groupId = appIds.purchaseService;
const partitions = topicPartitions[topic] ?? 0;

const makeEveryMs = 250;
const recordEveryMs = 50;

/** After a pause of this process or of the broker, what was missed is not made up for. */
const owedAtMost = 20;

/**
 * A producer, and one member of the purchase-service's group that records for all pods: so a step of the scaling moves no
 * partitions here.
 */
export async function startPurchases(broker: string): Promise<Purchases> {
  const kafka = new Kafka({
    clientId: 'autoscaling',
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    retry: { initialRetryTime: 300, maxRetryTime: 3_000, retries: 3 },
  });
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, sessionTimeout: 15_000 });
  const isOver = new AbortController();
  const rates = { made: 0, recordedPerPod: 0, pods: 0 };
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  await record(consumer, () => rates.recordedPerPod * rates.pods);
  const making = makeSteadily(producer, () => rates.made, isOver.signal);
  return Object.assign(rates, {
    make: async (count: number) => {
      await send(producer, count);
    },
    lag: () => lagOf(admin),
    [Symbol.asyncDispose]: async () => {
      isOver.abort();
      await making;
      await Promise.allSettled([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
    },
  });
}

async function record(consumer: Consumer, rate: () => number): Promise<void> {
  const mayGoOn = pacedBy(rate);
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    // Each is committed before the next: what the broker calls lag is what waits.
    autoCommitThreshold: 1,
    partitionsConsumedConcurrently: partitions,
    eachMessage: async (payload) => {
      while (!mayGoOn()) {
        await delay(recordEveryMs);
        await payload.heartbeat();
      }
    },
  });
}

async function makeSteadily(producer: Producer, rate: () => number, signal: AbortSignal): Promise<void> {
  const mayGoOn = pacedBy(rate);
  while (!signal.aborted) {
    let due = 0;
    while (mayGoOn()) due += 1;
    // Nobody can buy while the broker is away.
    if (due > 0) await send(producer, due).catch(() => undefined);
    await delay(makeEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Says as often as the rate allows that one more may go. */
function pacedBy(rate: () => number): () => boolean {
  let owed = 0;
  let last = performance.now();
  return () => {
    const now = performance.now();
    owed = Math.min(owed + (rate() * (now - last)) / 1_000, owedAtMost);
    last = now;
    if (owed < 1) return false;
    owed -= 1;
    return true;
  };
}

let nextPartition = 0;

async function send(producer: Producer, count: number): Promise<void> {
  await producer.send({
    topic,
    messages: Array.from({ length: count }, () => {
      nextPartition = (nextPartition + 1) % partitions;
      return { partition: nextPartition, value: '{}' };
    }),
  });
}

async function lagOf(admin: Admin): Promise<number | undefined> {
  try {
    const [ends, [committed]] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId, topics: [topic] }),
    ]);
    const done = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return ends.reduce((sum, { partition, offset }) => {
      // Nothing was committed yet: -1.
      const from = Math.max(done.get(partition) ?? 0, 0);
      return sum + Number(offset) - from;
    }, 0);
  } catch {
    return undefined;
  }
}
