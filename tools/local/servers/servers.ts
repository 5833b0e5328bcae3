import { kafka } from '../brokers/kafka/server.js';
import { mongodb } from '../stores/mongodb/server.js';
import { mosquitto } from '../brokers/mqtt/server.js';
import { nats } from '../brokers/jetstream/server.js';
import { postgresql } from '../stores/postgresql/server.js';
import { rabbitmq } from '../brokers/rabbitmq/server.js';
import { redis } from '../brokers/redis/server.js';
import type { ServerDefinition, ServerName } from './server-definition.js';

/** Every broker and database that can be run on this machine, by its name. */
export const servers: Readonly<Record<ServerName, ServerDefinition>> = {
  kafka,
  mongodb,
  nats,
  redis,
  rabbitmq,
  mosquitto,
  postgresql,
};
