import { topics } from '@unity-purchase/contracts';
import { Kafka, logLevel } from 'kafkajs';

/**
 * The number of partitions of each topic. A consumer handles one event of a partition at a time, so this limits how many
 * replicas share the work (at most 10) and how many events they handle at once. Adding partitions later would move keys
 * and break the order of a shopper's events.
 */
export const topicPartitions: Readonly<Record<string, number>> = {
  [topics.purchaseEvents]: 20,
  [topics.deadLetters]: 1,
};

/**
 * Makes sure that every topic exists with its partitions. The cluster decides on the number of replicas. Rejects when an
 * existing topic has too few partitions: adding some would move keys, so an operator must decide.
 */
export async function ensureTopics(
  brokers: readonly string[],
  partitions: Readonly<Record<string, number>> = topicPartitions,
): Promise<void> {
  const admin = new Kafka({
    clientId: 'provisioning',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // The caller waits for the answer.
    retry: { retries: 2 },
  }).admin();
  try {
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: Object.entries(partitions).map(([topic, numPartitions]) => ({ topic, numPartitions })),
    });
    const { topics: found } = await admin.fetchTopicMetadata({ topics: Object.keys(partitions) });
    for (const { name, partitions: existing } of found) {
      const wanted = partitions[name] ?? 0;
      if (existing.length < wanted)
        throw new Error(
          `the topic ${name} has ${existing.length} partitions where ${wanted} are needed. Wait until it is empty, delete it and ` +
            'try again. Or add partitions with kafka-topics --alter, which breaks the order of the events in it.',
        );
    }
  } finally {
    await admin.disconnect();
  }
}
