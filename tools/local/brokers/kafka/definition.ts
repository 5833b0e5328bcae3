import type { ServerComponent } from '../../servers/component-definition.js';
import { kafkaServer } from './server.js';
import { ensureTopics } from './topics.js';

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
  provision: (brokers) => ensureTopics(brokers.split(',').map((broker) => broker.trim())),
};
