import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appIds, topics } from '@unity-purchase/contracts';
import {
  componentsOf,
  createCleanup,
  ensureTopics,
  provisionBroker,
  topicPartitions,
  waitUntil,
} from '@unity-purchase/tools';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { connect, connectAsync } from 'mqtt';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** Long enough to download Kafka first. */
const startTimeoutMs = 240_000;

const cleanup = createCleanup();
let broker: TestSystem;
let kafka: Kafka;
let admin: Admin;

const address = () => broker.addressOf('kafka');

async function partitionsOf(...names: string[]): Promise<Record<string, number>> {
  const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
  return Object.fromEntries(found.map(({ name, partitions }) => [name, partitions.length]));
}

beforeAll(async () => {
  // Starts only the broker, provisioned as for every system.
  broker = cleanup.add(await startTestSystem({ broker: 'kafka', apps: [] }));
  kafka = new Kafka({
    clientId: 'provisioning-test',
    brokers: [address()],
    logLevel: logLevel.NOTHING,
    // Fails at once when a topic is missing instead of waiting for it.
    retry: { retries: 1 },
  });
  admin = kafka.admin();
  cleanup.add({ [Symbol.asyncDispose]: () => admin.disconnect() });
  await admin.connect();
}, startTimeoutMs);

afterAll(cleanup.run, 60_000);

describe('Kafka', () => {
  test('has the purchase topics with their partitions after provisioning', async () => {
    expect(await partitionsOf(topics.purchaseEvents, topics.deadLetters)).toEqual({
      [topics.purchaseEvents]: 20,
      [topics.deadLetters]: 1,
    });
  });

  test('keeps its topics and their messages when it is provisioned again', async () => {
    // A new topic's leaders are elected shortly after it exists: until then a broker refuses messages.
    const producer = kafka.producer({ retry: { retries: 8 } });
    await producer.connect();
    await producer.send({ topic: topics.purchaseEvents, messages: [{ value: 'kept' }] });
    await producer.disconnect();
    const before = await admin.fetchTopicOffsets(topics.purchaseEvents);

    await ensureTopics([address()]);
    expect(await partitionsOf(...Object.keys(topicPartitions))).toEqual(topicPartitions);
    expect(await admin.fetchTopicOffsets(topics.purchaseEvents)).toEqual(before);
    expect(before.reduce((sum, { high }) => sum + Number(high), 0)).toBe(1);
  });

  test('is refused with both numbers and left unchanged when a topic has too few partitions', async () => {
    await ensureTopics([address()], { narrow: 2 });
    await expect(ensureTopics([address()], { narrow: 3 })).rejects.toThrow(
      'the topic narrow has 2 partitions where 3 are needed',
    );
    expect(await partitionsOf('narrow')).toEqual({ narrow: 2 });
  });

  test('refuses to publish to a topic that does not exist', async () => {
    const producer = kafka.producer();
    await producer.connect();
    await expect(producer.send({ topic: 'never-made', messages: [{ value: 'lost' }] })).rejects.toThrow(
      'This server does not host this topic-partition',
    );
    await producer.disconnect();
    expect(await admin.listTopics()).not.toContain('never-made');
  });
});

test('provisioning MQTT again keeps the messages that wait for the purchase-service', async () => {
  await using mqtt = await startTestSystem({ broker: 'mqtt', store: 'sqlite', apps: [] });
  const url = `mqtt://${mqtt.addressOf('mosquitto')}`;
  const publisher = await connectAsync(url, { protocolVersion: 4 });
  await publisher.publishAsync(topics.purchaseEvents, 'waits', { qos: 1 });
  await publisher.endAsync();
  await provisionBroker(await componentsOf('broker', 'mqtt', join(mqtt.dataDir, 'resources')));
  const consumer = connect(url, { clientId: appIds.purchaseService, clean: false, protocolVersion: 4 });
  const received: string[] = [];
  consumer.on('message', (_topic, payload) => received.push(payload.toString('utf8')));
  await waitUntil(() => received.length > 0 || 'nothing was delivered', 10_000);
  await consumer.endAsync();
  expect(received).toEqual(['waits']);
}, 60_000);
