import { setTimeout as delay } from 'node:timers/promises';
import { appIds, topics } from '@unity-purchase/contracts';
import { topicPartitions } from '@unity-purchase/tools';
import { Kafka, logLevel, type Admin, type Consumer, type Producer } from 'kafkajs';

/** Purchases that are placed and recorded at given rates. The purchases in between are the lag. */
export type Purchases = AsyncDisposable & {
  /** Purchases placed per second. */
  placedPerSecond: number;
  /** Purchases recorded per second by each pod. */
  recordedPerPod: number;
  /** The number of pods that record. */
  pods: number;
  /** Places this many purchases at once. Resolves when the broker acknowledged them. */
  place: (count: number) => Promise<void>;
  /** The number of waiting purchases, as the broker reports it. Undefined if it does not answer. */
  lag: () => Promise<number | undefined>;
};

const topic = topics.purchaseEvents;
const groupId = appIds.purchaseService;
const partitions = topicPartitions[topic] ?? 0;

const placeEveryMs = 250;
const recordEveryMs = 50;

/** Limits the catch-up after a pause of this process or of the broker. */
const owedMax = 20;

/**
 * Starts a producer, and one member of the purchase-service's consumer group that records for all pods. A change of the number
 * of pods therefore moves no partitions.
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
  const end = new AbortController();
  const rates = { placedPerSecond: 0, recordedPerPod: 0, pods: 0 };
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  await record(consumer, () => rates.recordedPerPod * rates.pods);
  const placing = placeSteadily(producer, () => rates.placedPerSecond, end.signal);
  return Object.assign(rates, {
    place: async (count: number) => {
      await send(producer, count);
    },
    lag: () => lagOf(admin),
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await placing;
      await Promise.allSettled([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
    },
  });
}

async function record(consumer: Consumer, rate: () => number): Promise<void> {
  const isDue = pacedBy(rate);
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    // Commits after each purchase, so that the broker's lag is the number of waiting purchases.
    autoCommitThreshold: 1,
    partitionsConsumedConcurrently: partitions,
    eachMessage: async (payload) => {
      while (!isDue()) {
        await delay(recordEveryMs);
        await payload.heartbeat();
      }
    },
  });
}

async function placeSteadily(producer: Producer, rate: () => number, signal: AbortSignal): Promise<void> {
  const isDue = pacedBy(rate);
  while (!signal.aborted) {
    let due = 0;
    while (isDue()) due += 1;
    // While the broker is unavailable, no purchase can be placed.
    if (due > 0) await send(producer, due).catch(() => undefined);
    await delay(placeEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Returns true as often as the rate allows. */
function pacedBy(rate: () => number): () => boolean {
  let owed = 0;
  let last = performance.now();
  return () => {
    const now = performance.now();
    owed = Math.min(owed + (rate() * (now - last)) / 1_000, owedMax);
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
      // -1 means that nothing was committed yet.
      const from = Math.max(done.get(partition) ?? 0, 0);
      return sum + Number(offset) - from;
    }, 0);
  } catch {
    return undefined;
  }
}
