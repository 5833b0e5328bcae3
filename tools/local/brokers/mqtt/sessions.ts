import { appIds, topics } from '@unity-purchase/contracts';
import { connect } from 'mqtt';

/** The client ids under which the purchase-service's two components hold their sessions, with the topic of each. */
export const mqttSessions: readonly { clientId: string; topic: string }[] = [
  { clientId: appIds.purchaseService, topic: topics.purchaseEvents },
  { clientId: `${appIds.purchaseService}-${topics.deadLetters}`, topic: topics.deadLetters },
];

/**
 * Makes sure that a session waits for each topic's events: a broker keeps what is published only for clients that have
 * subscribed before. A client that is connected under the same id is interrupted for a moment; its session, and what waits in
 * it, stays.
 */
export async function ensureSessions(url: string, sessions = mqttSessions): Promise<void> {
  for (const { clientId, topic } of sessions) {
    const client = connect(url, { clientId, clean: false, reconnectPeriod: 0, protocolVersion: 4 });
    // What waits in the session is sent at once. It is the consumer's: what is not acknowledged here is sent again there.
    client.handleMessage = (_packet, done) => {
      done(new Error('left for its consumer'));
    };
    try {
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => {
          resolve();
        });
        client.once('error', reject);
      });
      await client.subscribeAsync(topic, { qos: 1 });
    } finally {
      await client.endAsync();
    }
  }
}
