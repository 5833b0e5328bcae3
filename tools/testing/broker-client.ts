import { waitUntil } from '../local/wait-until.js';

/** A broker itself, past Dapr: what is really in it, and what others might put there. It may die and come back meanwhile. */
export type BrokerClient = AsyncDisposable & {
  publish: (topic: string, event: unknown) => Promise<void>;
  /** All messages of a topic as texts, oldest first where the broker keeps an order, since the client was made. */
  messages: (topic: string) => Promise<string[]>;
  /** How many purchase events the broker holds for the purchase-service, or undefined for one that does not tell. */
  backlog: () => Promise<number | undefined>;
};

const messagesWithinMs = 30_000;

/** Resolves when a topic holds so many messages. */
export async function waitForMessages(broker: BrokerClient, topic: string, count: number): Promise<void> {
  await waitUntil(async () => {
    const there = (await broker.messages(topic)).length;
    return there >= count || `${topic} holds ${there} of ${count} messages`;
  }, messagesWithinMs);
}

/** An event as it goes over the wire; a text is sent as it is. */
export function wireText(event: unknown): string {
  return typeof event === 'string' ? event : JSON.stringify(event);
}
