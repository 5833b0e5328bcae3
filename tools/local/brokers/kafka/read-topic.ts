import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type Consumer, type EachBatchPayload } from 'kafkajs';
import type { TakeEvents } from '../../servers/component-definition.js';

const batchMax = 200;

/** A consumer that sends no heartbeat for half a minute loses its partitions. */
const heartbeatEveryMs = 3_000;

/** Kafka answers fetches, also empty ones. Beyond this, it counts as away. */
const silenceMaxMs = 60_000;

/**
 * Reads a topic up to the offsets that were its ends when reading began, in a consumer group of its own that commits nothing and is
 * deleted afterwards.
 */
export async function readTopic(brokers: readonly string[], topic: string, take: TakeEvents): Promise<void> {
  const kafka = new Kafka({
    clientId: 'rebuild',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 },
  });
  const admin = kafka.admin();
  const groupId = `rebuild-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
  try {
    await admin.connect();
    const ends = new Map(
      (await admin.fetchTopicOffsets(topic))
        .filter(({ low, high }) => Number(high) > Number(low))
        .map(({ partition, high }) => [partition, Number(high)]),
    );
    if (ends.size === 0) return;
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await readUpTo(consumer, ends, take);
  } finally {
    await consumer.disconnect();
    // A group without members that committed nothing may not exist any more.
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

/** Resolves when every partition was read up to its end. */
function readUpTo(consumer: Consumer, ends: Map<number, number>, take: TakeEvents): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      clearTimeout(timer);
      reject(cause instanceof Error ? cause : new Error(String(cause)));
    };
    const waitForMore = () =>
      setTimeout(fail, silenceMaxMs, new Error(`Kafka sent nothing for ${silenceMaxMs / 1_000} seconds.`));
    let timer = waitForMore();
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      fail(payload.error);
    });
    const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
      const { batch } = payload;
      clearTimeout(timer);
      const end = ends.get(batch.partition) ?? 0;
      const wanted = batch.messages.filter(({ offset }) => Number(offset) < end);
      for (let index = 0; index < wanted.length; index += batchMax) {
        const some = wanted.slice(index, index + batchMax);
        await withHeartbeats(payload, () => take(some.map(({ value }) => value?.toString('utf8') ?? '')));
        await payload.heartbeat();
      }
      payload.resolveOffset(batch.lastOffset());
      if (Number(batch.lastOffset()) + 1 >= end) ends.delete(batch.partition);
      if (ends.size === 0) resolve();
      else timer = waitForMore();
    };
    consumer
      .run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        // Without it, the client would try again by itself.
        eachBatch: (payload) => eachBatch(payload).catch(fail),
      })
      .catch(fail);
  });
}

/** Sends heartbeats while `work` runs: to compare events can take minutes. The one after it tells whether they still arrive. */
async function withHeartbeats(
  { heartbeat }: Pick<EachBatchPayload, 'heartbeat'>,
  work: () => Promise<void>,
): Promise<void> {
  const beating = setInterval(() => {
    heartbeat().catch(() => undefined);
  }, heartbeatEveryMs);
  try {
    await work();
  } finally {
    clearInterval(beating);
  }
}
