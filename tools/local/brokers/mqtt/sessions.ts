import { appIds, topics } from '@unity-purchase/contracts';
import { connect } from 'mqtt';

/** The client ids of the sessions of the purchase-service's two components, each with its topic. */
export const mqttSessions: readonly { clientId: string; topic: string }[] = [
  { clientId: appIds.purchaseService, topic: topics.purchaseEvents },
  { clientId: `${appIds.purchaseService}-${topics.deadLetters}`, topic: topics.deadLetters },
];

/**
 * Makes sure that each topic has a session. An MQTT broker keeps events only for clients that have subscribed before. A
 * client that is connected under the same id loses its connection for a moment; its session keeps the waiting events.
 */
export async function ensureSessions(url: string, sessions = mqttSessions): Promise<void> {
  for (const { clientId, topic } of sessions) {
    const client = connect(url, { clientId, clean: false, reconnectPeriod: 0, protocolVersion: 4 });
    // The broker sends the waiting events at once. Without an acknowledgement it sends them again to the consumer.
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
