import { appIds, topics } from '@unity-purchase/contracts';
import { connect } from 'amqplib';

/** Returns the queue from which Dapr consumes a topic: `<consumerID>-<topic>`, where the consumer's id is its app id. */
export function queueOf(topic: string): string {
  return `${appIds.purchaseService}-${topic}`;
}

/**
 * Makes sure that each topic has an exchange with a durable queue bound to it. Dapr declares both only when it first
 * subscribes, and an event published before that would be acknowledged and lost. Rejects when one exists with other settings.
 */
export async function ensureQueues(
  url: string,
  names: readonly string[] = Object.values(topics),
): Promise<void> {
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    // The rejected call reports the same error.
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
