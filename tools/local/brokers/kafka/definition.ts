import type { ServerComponent } from '../../servers/component-definition.js';
import { readTopic } from './read-topic.js';
import { kafkaServer } from './server.js';
import { ensureTopics, topicPartitions } from './topics.js';

export const kafka: ServerComponent = {
  type: 'pubsub.kafka',
  server: kafkaServer,
  address: {
    key: 'brokers',
    form: 'host',
    environment: { variable: 'KAFKA_BROKERS', key: 'brokers' },
  },
  // After three minutes, some partitions had no consumer until the sidecar was restarted.
  recoversFrom: { outageMs: 30_000, fixedInOurBuild: false },
  plainServer: { provisioningPort: 19_092, needsSamePort: true },
  provision: (brokers, _component, topic) =>
    ensureTopics(membersOf(brokers), { [topic]: topicPartitions[topic] ?? 1 }),
  readTopic: (brokers, _component, topic, take) => readTopic(membersOf(brokers), topic, take),
};

function membersOf(brokers: string): string[] {
  return brokers.split(',').map((broker) => broker.trim());
}
