import { appIds, topics } from '@unity-purchase/contracts';
import { connectAsync } from 'mqtt';

/** The client ids under which the purchase-service's two components hold their sessions, with the topic of each. */
export const mqttSessions: readonly { clientId: string; topic: string }[] = [
  { clientId: appIds.purchaseService, topic: topics.purchaseEvents },
  { clientId: `${appIds.purchaseService}-${topics.deadLetters}`, topic: topics.deadLetters },
];

/**
 * Makes sure that a session waits for each topic's events: a broker keeps what is published only for clients that have
 * subscribed before. A client that is connected under the same id is interrupted for a moment; its session stays.
 */
export async function ensureSessions(url: string, sessions = mqttSessions): Promise<void> {
  for (const { clientId, topic } of sessions) {
    const client = await connectAsync(url, {
      clientId,
      clean: false,
      reconnectPeriod: 0,
      protocolVersion: 4,
    });
    try {
      await client.subscribeAsync(topic, { qos: 1 });
    } finally {
      await client.endAsync();
    }
  }
}
