import { DiscardPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { appIds, topics } from '@unity-purchase/contracts';
import { wireBytes, type BrokerClient } from '../../../testing/broker-client.js';

const messagesWithinMs = 30_000;

/** Connects to JetStream at `host:port`. Each topic has a stream of the same name. */
export function jetstreamClient(address: string): BrokerClient {
  const connected = async <T>(use: (connection: NatsConnection) => Promise<T>): Promise<T> => {
    const connection = await connect({ servers: `nats://${address}`, reconnect: false });
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  };
  return {
    publish: (topic, message) =>
      connected(async (connection) => {
        await jetstream(connection).publish(topic, wireBytes(message));
      }),
    messages: (topic) =>
      connected(async (connection) => {
        const manager = await jetstreamManager(connection);
        const count = (await manager.streams.info(topic)).state.messages;
        if (count === 0) return [];
        const consumer = await jetstream(connection).consumers.get(topic);
        const messages: string[] = [];
        const batch = await consumer.fetch({ max_messages: count, expires: messagesWithinMs });
        for await (const message of batch as AsyncIterable<JsMsg>) messages.push(message.string());
        return messages;
      }),
    refuse: async (topic) => {
      const limitMessages = (max_msgs: number, discard: DiscardPolicy) =>
        connected(async (connection) => {
          const { streams } = await jetstreamManager(connection);
          await streams.update(topic, { max_msgs, discard });
        });
      const { config, state } = await connected(async (connection) =>
        (await jetstreamManager(connection)).streams.info(topic),
      );
      // Without a message, zero would mean no limit.
      await limitMessages(Math.max(1, state.messages), DiscardPolicy.New);
      return () => limitMessages(config.max_msgs, config.discard);
    },
    backlog: () =>
      connected(async (connection) => {
        const manager = await jetstreamManager(connection);
        const info = await manager.consumers.info(topics.purchaseEvents, appIds.purchaseService);
        return info.num_pending + info.num_ack_pending;
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
