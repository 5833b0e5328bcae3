import { topics } from '@unity-purchase/contracts';
import { topicPartitions, waitUntil } from '@unity-purchase/tools';
import { Kafka, logLevel } from 'kafkajs';
import { waitingEvents, type BacklogWriter } from './backlog.js';

const partitions = topicPartitions[topics.purchaseEvents] ?? 1;

/** Longer than the session of a member that was stopped before it could leave. */
const membersLeaveWithinMs = 60_000;

/** Writes a backlog to Kafka, spread evenly over the partitions. */
export type KafkaBacklogWriter = BacklogWriter & {
  /** Moves a group's offsets to the end of a topic, once all members have left it. */
  skip: (topic: string, group: string) => Promise<void>;
};

/** Connects to a Kafka at `host:port`. */
export async function connectKafkaBacklog(address: string): Promise<KafkaBacklogWriter> {
  const kafka = new Kafka({ clientId: 'benchmark', brokers: [address], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  return {
    createTopic: async (topic) => {
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions }] });
    },
    skip: async (topic, group) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
      await waitUntil(
        () =>
          admin.setOffsets({ groupId: group, topic, partitions }).then(
            () => true,
            (error: unknown) => `${group} still has members: ${String(error)}`,
          ),
        membersLeaveWithinMs,
      );
    },
    fill: async (topic, count) => {
      for (const events of waitingEvents(count)) {
        const messages = events.map(({ shopper, key, text }) => ({
          key,
          value: text,
          partition: shopper % partitions,
        }));
        await producer.send({ topic, acks: -1, messages });
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}
