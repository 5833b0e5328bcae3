import type { ServerComponent } from '../../servers/component-definition.js';
import { kafkaServer } from './server.js';

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
  provision: async (brokers, _component, topic) => {
    const { ensureTopics, topicPartitions } = await import('./topics.js');
    await ensureTopics(membersOf(brokers), { [topic]: topicPartitions[topic] ?? 1 });
  },
  readTopic: async (brokers, _component, topic, take) => {
    const { readTopic } = await import('./read-topic.js');
    await readTopic(membersOf(brokers), topic, take);
  },
};

function membersOf(brokers: string): string[] {
  return brokers.split(',').map((broker) => broker.trim());
}
