import {
  purchasePlaced,
  shopperKey,
  topics,
  type Purchase,
  type PurchaseLine,
} from '@unity-purchase/contracts';
import { topicPartitions, waitUntil } from '@unity-purchase/tools';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { v7 } from 'uuid';

/** The number of shoppers in the backlog: a consumer mostly meets shoppers it has not just seen. */
export const backlogShoppers = 1_000;

const partitions = topicPartitions[topics.purchaseEvents] ?? 1;

const perSend = 500;

/** Longer than the session of a member that was stopped before it could leave. */
const membersLeaveWithinMs = 60_000;

const line: PurchaseLine = { sku: 'mug', title: 'Mug', quantity: 2, unitPrice: 1600 };

/** Writes a backlog to the broker for a recorder to consume. */
export type BacklogWriter = AsyncDisposable & {
  /** Creates a topic like the system's. */
  createTopic: (topic: string) => Promise<void>;
  /** Moves a group's offsets to the end of a topic, once all members have left it. */
  skip: (topic: string, group: string) => Promise<void>;
  /** Appends `count` events, spread evenly over the partitions. A shopper's events share a partition. */
  fill: (topic: string, count: number) => Promise<void>;
};

/** Connects to a broker on this machine. */
export async function connectBacklogWriter(port: number): Promise<BacklogWriter> {
  const kafka = new Kafka({
    clientId: 'benchmark',
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
  });
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
      const prefix = `waiting-${v7()}`;
      for (let sent = 0; sent < count; sent += perSend) {
        const numbers = Array.from({ length: Math.min(perSend, count - sent) }, (_, index) => sent + index);
        await producer.send({ topic, acks: -1, messages: numbers.map((number) => message(prefix, number)) });
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}

function message(prefix: string, number: number): Message {
  const shopper = number % backlogShoppers;
  const purchase: Purchase = {
    purchaseId: v7(),
    shopper: { id: `${prefix}-${shopper}`, name: 'Ada' },
    lines: [line],
    total: { amount: line.quantity * line.unitPrice, currency: 'EUR' },
    placedAt: new Date().toISOString(),
  };
  return {
    key: shopperKey(purchase.shopper.id),
    value: JSON.stringify(purchasePlaced(purchase)),
    partition: shopper % partitions,
  };
}
