import type { ServerName } from '../local/servers/server-definition.js';
import type { BrokerClient } from './broker-client.js';
import { jetstreamClient } from '../local/brokers/jetstream/test-client.js';
import { kafkaClient } from '../local/brokers/kafka/test-client.js';
import { mqttClient } from '../local/brokers/mqtt/test-client.js';
import { rabbitmqClient } from '../local/brokers/rabbitmq/test-client.js';
import { redisClient } from '../local/brokers/redis/test-client.js';

export type Broker = {
  server: ServerName;
  connect: (address: string) => BrokerClient | Promise<BrokerClient>;
};

/** For each folder under components/brokers: the server behind it, and its native client. */
export const brokers: Readonly<Record<string, Broker>> = {
  kafka: { server: 'kafka', connect: kafkaClient },
  jetstream: { server: 'nats', connect: jetstreamClient },
  rabbitmq: { server: 'rabbitmq', connect: rabbitmqClient },
  redis: { server: 'redis', connect: redisClient },
  mqtt: { server: 'mosquitto', connect: mqttClient },
};

export { waitForMessages, type BrokerClient } from './broker-client.js';
export { stores, type Store } from './connect-to-store.js';
export type { StoreClient } from './store-client.js';
export { jetstreamClient } from '../local/brokers/jetstream/test-client.js';
