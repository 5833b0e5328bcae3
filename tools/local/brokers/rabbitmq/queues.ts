import { appIds, topics } from '@unity-purchase/contracts';
import { connect } from 'amqplib';

/** The queue in which Dapr looks for a topic's events: `<consumerID>-<topic>`, and the consumer's id is its app id. */
export function queueOf(topic: string): string {
  return `${appIds.purchaseService}-${topic}`;
}

/**
 * Makes sure that each topic has its exchange and a durable queue bound to it, as Dapr would declare them with its first
 * subscription: what is published before that is acknowledged and gone. Rejects when one exists that is different.
 */
export async function ensureQueues(
  url: string,
  names: readonly string[] = Object.values(topics),
): Promise<void> {
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    // The rejection says the same.
    channel.on('error', () => undefined);
    for (const topic of names) {
      await channel.assertExchange(topic, 'fanout', { durable: true, autoDelete: false });
      const queue = queueOf(topic);
      await channel.assertQueue(queue, {
        durable: true,
        autoDelete: false,
        arguments: { 'x-queue-type': 'classic' },
      });
      await channel.bindQueue(queue, topic, '');
    }
  } finally {
    await connection.close().catch(() => undefined);
  }
}
