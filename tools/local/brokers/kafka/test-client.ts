import { randomUUID } from 'node:crypto';
import { appIds, topics } from '@unity-purchase/contracts';
import { waitUntil } from '../../wait-until.js';
import kafkajs, { Kafka, logLevel, type Admin } from 'kafkajs';
import { wireBytes, type BrokerClient } from '../../../testing/broker-client.js';

/** Node finds the other exports of this CommonJS module, but not these. */
const { ConfigResourceTypes, ConfigSource } = kafkajs;

const messagesWithinMs = 60_000;

/** Connects to Kafka at `host:port`. */
export function kafkaClient(address: string): BrokerClient {
  const kafka = new Kafka({ clientId: 'inspector', brokers: [address], logLevel: logLevel.NOTHING });
  const asAdmin = async <T>(use: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  };
  return {
    publish: async (topic, message, headers = {}) => {
      const producer = kafka.producer({ allowAutoTopicCreation: false });
      await producer.connect();
      await producer.send({ topic, messages: [{ value: wireBytes(message), headers }] });
      await producer.disconnect();
    },
    messages: async (topic) => {
      const ends = await asAdmin((admin) => admin.fetchTopicOffsets(topic));
      const count = ends.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
      return count === 0 ? [] : readAll(kafka, topic, count);
    },
    refuse: (topic) =>
      asAdmin(async (admin) => {
        const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
        const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
        const before = (resources[0]?.configEntries ?? [])
          .filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG)
          .map(({ configName: name, configValue: value }) => ({ name, value }));
        const configure = (configEntries: { name: string; value: string }[]) =>
          asAdmin(async (other) => {
            await other.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
          });
        await configure([...before, { name: 'max.message.bytes', value: '1' }]);
        return () => configure(before);
      }),
    backlog: () =>
      asAdmin(async (admin) => {
        const topic = topics.purchaseEvents;
        const ends = await admin.fetchTopicOffsets(topic);
        const [committed] = await admin.fetchOffsets({ groupId: appIds.purchaseService, topics: [topic] });
        const offsets = new Map(
          committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
        );
        return ends.reduce(
          (sum, { partition, low, high }) =>
            sum + Number(high) - Math.max(Number(low), offsets.get(partition) ?? 0),
          0,
        );
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function readAll(kafka: Kafka, topic: string, count: number): Promise<string[]> {
  const groupId = `inspector-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
  const messages: string[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        messages.push(message.value?.toString('utf8') ?? '');
        return Promise.resolve();
      },
    });
    await waitUntil(
      () => messages.length >= count || `${messages.length} of ${count} messages of ${topic} were read`,
      messagesWithinMs,
    );
    return messages;
  } finally {
    await consumer.disconnect();
  }
}
