import { Kafka, logLevel } from 'kafkajs';
import type { Consume } from './run-recorder.js';

/** One event per partition at a time, like a sidecar. */
export const partitionsAtOnce = 20;

/** Consumes a topic of Kafka from its beginning, as a member of a group. */
export const consumeKafka: Consume = async ({ broker, topic, group }, record) => {
  const kafka = new Kafka({ clientId: group, brokers: [broker], logLevel: logLevel.ERROR });
  const consumer = kafka.consumer({ groupId: group });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: partitionsAtOnce,
    eachMessage: ({ message }) => record(message.value?.toString() ?? ''),
  });
  return () => consumer.disconnect();
};
