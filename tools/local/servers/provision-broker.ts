import type { Component } from '../runner/resource-documents.js';
import { addressOf } from './component-address.js';
import { ensureStreams } from '../brokers/jetstream/streams.js';
import { ensureTopics } from '../brokers/kafka/topics.js';
import { ensureSessions } from '../brokers/mqtt/sessions.js';
import { ensureQueues } from '../brokers/rabbitmq/queues.js';

/** What each broker needs before the first event is published. */
const provisioning: Readonly<Record<string, (address: string) => Promise<void>>> = {
  'pubsub.kafka': (brokers) => ensureTopics(brokers.split(',').map((broker) => broker.trim())),
  'pubsub.jetstream': (url) => ensureStreams(url),
  'pubsub.rabbitmq': (url) => ensureQueues(url),
  'pubsub.mqtt3': (url) => ensureSessions(url),
};

/**
 * Makes sure that the broker behind a component has the topics, streams, queues or sessions that purchases need, and keeps
 * those that it has. Redis needs none: Dapr makes stream and consumer group together, from the first event on. Rejects when
 * what is there would not do.
 */
export async function provisionBroker(component: Component): Promise<void> {
  const provision = provisioning[component.type];
  const address = addressOf(component);
  if (provision !== undefined && address !== undefined) await provision(address.text);
}
