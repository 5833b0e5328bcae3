import { kafka } from './kafka.js';
import { mongodb } from './mongodb.js';
import { mosquitto } from './mosquitto.js';
import { nats } from './nats.js';
import { postgresql } from './postgresql.js';
import { rabbitmq } from './rabbitmq.js';
import { redis } from './redis.js';
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
