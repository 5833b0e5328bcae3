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
  provision: (brokers) => ensureTopics(brokers.split(',').map((broker) => broker.trim())),
};
