import { brokerNamed, type BrokerName } from '../local/brokers.js';
import { jetstreamClient } from '../local/brokers/jetstream/test-client.js';
import { kafkaClient } from '../local/brokers/kafka/test-client.js';
import { mqttClient } from '../local/brokers/mqtt/test-client.js';
import { rabbitmqClient } from '../local/brokers/rabbitmq/test-client.js';
import { redisBrokerClient } from '../local/brokers/redis/test-client.js';
import { storeNamed, type StoreName } from '../local/stores.js';
import { mongodbClient } from '../local/stores/mongodb/test-client.js';
import { postgresqlClient } from '../local/stores/postgresql/test-client.js';
import { redisStoreClient } from '../local/stores/redis/test-client.js';
import { sqliteClient } from '../local/stores/sqlite/test-client.js';
import type { BrokerClient } from './broker-client.js';
import type { StoreClient } from './store-client.js';

export { withChannel } from '../local/brokers/rabbitmq/test-client.js';
export { editSqlite } from '../local/stores/sqlite/test-client.js';
export { withRedis } from '../local/brokers/redis/connection.js';
export { waitForMessages, type BrokerClient } from './broker-client.js';
export type { StoreClient } from './store-client.js';

/** Takes `host:port` of the broker. */
const brokerClients: Readonly<Record<BrokerName, (address: string) => BrokerClient | Promise<BrokerClient>>> =
  {
    jetstream: jetstreamClient,
    kafka: kafkaClient,
    mqtt: mqttClient,
    rabbitmq: rabbitmqClient,
    redis: redisBrokerClient,
  };

/** Takes `host:port` of the store, or the system's data folder for an embedded store. */
const storeClients: Readonly<Record<StoreName, (location: string) => StoreClient>> = {
  mongodb: mongodbClient,
  postgresql: postgresqlClient,
  redis: redisStoreClient,
  sqlite: sqliteClient,
};

/** The parts of a running system that clients connect to. */
export type ClientTarget = {
  /** `host:port` of a server, by its name. */
  addressOf: (server: string) => string;
  dataDir: string;
};

/** Connects to the broker of a system without Dapr. Rejects for an unknown broker. */
export async function connectToBroker(broker: string, target: ClientTarget): Promise<BrokerClient> {
  const { server } = brokerNamed(broker);
  return brokerClients[broker as BrokerName](target.addressOf(server.name));
}

/** Returns a client that reads the store of a system without Dapr. Throws for an unknown store. */
export function connectToStore(store: string, target: ClientTarget): StoreClient {
  const { server } = storeNamed(store);
  const location = server === undefined ? target.dataDir : target.addressOf(server.name);
  return storeClients[store as StoreName](location);
}
