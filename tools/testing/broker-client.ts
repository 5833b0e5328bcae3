import { waitUntil } from '../local/wait-until.js';

/**
 * Connects to a broker directly, without Dapr, to read what it holds and to publish what a service never would. The broker
 * may stop and start while a client exists.
 */
export type BrokerClient = AsyncDisposable & {
  /** Publishes an event as JSON, or a text or bytes as they are. Headers are sent where the broker has them. */
  publish: (topic: string, message: unknown, headers?: Readonly<Record<string, string>>) => Promise<void>;
  /** Returns every message of a topic since the client was created, oldest first if the broker keeps an order. */
  messages: (topic: string) => Promise<string[]>;
  /**
   * Makes the broker refuse every publication to a topic, as when it is full. Resolves to a function that ends this, or to
   * undefined for a broker that cannot refuse.
   */
  refuse: (topic: string) => Promise<(() => Promise<void>) | undefined>;
  /** Returns how many events the broker holds for the purchase-service, or undefined if the broker does not report it. */
  backlog: () => Promise<number | undefined>;
};

const messagesWithinMs = 30_000;

/** Resolves when a topic holds at least `count` messages. */
export async function waitForMessages(broker: BrokerClient, topic: string, count: number): Promise<void> {
  // A broker can take a moment to return what an earlier look has read.
  let most = 0;
  await waitUntil(async () => {
    most = Math.max(most, (await broker.messages(topic)).length);
    return most >= count || `${topic} held ${most} of ${count} messages at most`;
  }, messagesWithinMs);
}

/** The content of a message: an event as JSON, a text or bytes as they are. */
export function wireBytes(message: unknown): Buffer {
  if (Buffer.isBuffer(message)) return message;
  return Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
}
