import { jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { waitUntil } from '@unity-purchase/tools';

/** The broker itself, past Dapr: what is really in it, and what others might put there. */
export type BrokerClient = AsyncDisposable & {
  publish: (topic: string, event: unknown) => Promise<void>;
  /** All messages of a topic as texts, oldest first. */
  messages: (topic: string) => Promise<string[]>;
  /** Resolves when a topic holds so many messages. */
  waitForMessages: (topic: string, count: number) => Promise<void>;
};

const messagesWithinMs = 30_000;

/** Connects to JetStream. A topic's stream has its name. */
export async function connectToBroker(url: string): Promise<BrokerClient> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  const countOf = async (topic: string) => (await manager.streams.info(topic)).state.messages;
  return {
    publish: async (topic, event) => {
      await jetstream(connection).publish(topic, typeof event === 'string' ? event : JSON.stringify(event));
    },
    messages: async (topic) => {
      const count = await countOf(topic);
      if (count === 0) return [];
      const consumer = await jetstream(connection).consumers.get(topic);
      const messages: string[] = [];
      const batch = await consumer.fetch({ max_messages: count, expires: messagesWithinMs });
      for await (const message of batch as AsyncIterable<JsMsg>) messages.push(message.string());
      return messages;
    },
    waitForMessages: (topic, count) =>
      waitUntil(async () => {
        const there = await countOf(topic);
        return there >= count || `${topic} holds ${there} of ${count} messages`;
      }, messagesWithinMs),
    [Symbol.asyncDispose]: async () => {
      await connection.close();
    },
  };
}
