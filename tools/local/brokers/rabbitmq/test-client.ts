import { topics } from '@unity-purchase/contracts';
import { queueOf } from './queues.js';
import { connect, type Channel } from 'amqplib';
import { wireBytes, type BrokerClient } from '../../../testing/broker-client.js';

/** Runs `use` with a channel of its own to RabbitMQ at `host:port`, and closes it afterwards. */
export async function withChannel<T>(address: string, use: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(`amqp://guest:guest@${address}`);
  try {
    return await use(await connection.createChannel());
  } finally {
    await connection.close();
  }
}

/** Connects to RabbitMQ at `host:port`. A queue of the client's own copies each message published to a topic from now on. */
export async function rabbitmqClient(address: string): Promise<BrokerClient> {
  const connected = <T>(use: (channel: Channel) => Promise<T>): Promise<T> => withChannel(address, use);
  const copyOf = (topic: string) => `inspector-${topic}`;
  await connected(async (channel) => {
    for (const topic of Object.values(topics)) {
      await channel.assertQueue(copyOf(topic), { durable: true });
      await channel.bindQueue(copyOf(topic), topic, '');
    }
  });
  return {
    publish: async (topic, message) => {
      const connection = await connect(`amqp://guest:guest@${address}`);
      try {
        const channel = await connection.createConfirmChannel();
        channel.publish(topic, '', wireBytes(message), { persistent: true });
        // Closing the connection does not wait for what was published.
        await channel.waitForConfirms();
      } finally {
        await connection.close();
      }
    },
    messages: (topic) =>
      connected(async (channel) => {
        const messages: string[] = [];
        // Without an acknowledgement, closing the channel returns the messages to the queue in their order.
        for (;;) {
          const message = await channel.get(copyOf(topic));
          if (message === false) return messages;
          messages.push(message.content.toString('utf8'));
        }
      }),
    refuse: async (topic) => {
      // One queue that rejects is enough: the broker then confirms the publication negatively.
      const full = `full-${topic}`;
      await connected(async (channel) => {
        await channel.assertQueue(full, {
          arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
        });
        channel.sendToQueue(full, Buffer.from('the only one'));
        await channel.bindQueue(full, topic, '');
      });
      return () =>
        connected(async (channel) => {
          await channel.deleteQueue(full);
        });
    },
    backlog: () =>
      connected(async (channel) => (await channel.checkQueue(queueOf(topics.purchaseEvents))).messageCount),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
