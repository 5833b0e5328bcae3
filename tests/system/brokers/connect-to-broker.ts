import type { ServerName } from '@unity-purchase/tools';
import type { BrokerClient } from './broker-client.js';
import { jetstreamClient } from './jetstream-client.js';
import { kafkaClient } from './kafka-client.js';
import { mqttClient } from './mqtt-client.js';
import { rabbitmqClient } from './rabbitmq-client.js';
import { redisClient } from './redis-client.js';

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
