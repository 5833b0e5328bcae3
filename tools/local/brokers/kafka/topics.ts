import { topics } from '@unity-purchase/contracts';
import { Kafka, logLevel } from 'kafkajs';

/**
 * How many partitions each topic has. A consumer works on one event of a partition at a time, so this bounds both the
 * replicas that can share the work (10 at most) and what they do at once. More later would break a shopper's order.
 */
export const topicPartitions: Readonly<Record<string, number>> = {
  [topics.purchaseEvents]: 20,
  [topics.deadLetters]: 1,
};

/**
 * Makes sure that every topic is there with its partitions; the cluster decides about replicas. Rejects when a topic exists
 * with too few partitions: it must not grow behind somebody's back, because the keys would move.
 */
export async function ensureTopics(
  brokers: readonly string[],
  partitions: Readonly<Record<string, number>> = topicPartitions,
): Promise<void> {
  const admin = new Kafka({
    clientId: 'provisioning',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // Whoever asks wants to know now.
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
          `the topic ${name} has ${existing.length} partitions where ${wanted} are needed: let it run empty, delete it and ` +
            'try again, or raise them knowing that the order of what is in it breaks (kafka-topics --alter)',
        );
    }
  } finally {
    await admin.disconnect();
  }
}
