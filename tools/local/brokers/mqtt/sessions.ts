import { appIds } from '@unity-purchase/contracts';
import { connect, type MqttClient } from 'mqtt';
import type { Component } from '../../runner/resource-documents.js';

/** At least once. */
const qos = 1;

/**
 * Makes sure that the component's topic has a session. An MQTT broker keeps events only for clients that have subscribed before,
 * and keeps them until they are acknowledged: it needs no retention. A client that is connected under the same id loses its
 * connection for a moment; its session keeps the waiting events. Rejects, naming the topic or the session, when the broker
 * delivers at most once or keeps no session.
 */
export async function ensureSession(
  url: string,
  { metadata }: Pick<Component, 'metadata'>,
  topic: string,
): Promise<void> {
  // Dapr's default is the app id.
  const clientId = metadata.get('consumerID') ?? appIds.purchaseService;
  await connected(url, clientId, async (client) => {
    const granted = await client.subscribeAsync(topic, { qos });
    const least = Math.min(...granted.map((grant) => grant.qos));
    if (least < qos)
      throw new Error(
        `the broker grants the topic ${topic} only QoS ${least} instead of ${qos}: it would lose events. Change the broker's settings.`,
      );
  });
  await connected(url, clientId, (_client, isKept) => {
    if (!isKept)
      throw new Error(
        `the broker does not keep the session ${clientId}: it would lose the events of ${topic} that wait for it. ` +
          "Change the broker's settings.",
      );
    return Promise.resolve();
  });
}

/** Runs `use` with a connection, and whether the broker had a session for it. */
async function connected(
  url: string,
  clientId: string,
  use: (client: MqttClient, hasSession: boolean) => Promise<void>,
): Promise<void> {
  const client = connect(url, { clientId, clean: false, reconnectPeriod: 0, protocolVersion: 4 });
  // The broker sends the waiting events at once. Without an acknowledgement it sends them again to the consumer.
  client.handleMessage = (_packet, done) => {
    done(new Error('left for its consumer'));
  };
  try {
    const hasSession = await new Promise<boolean>((resolve, reject) => {
      client.once('connect', ({ sessionPresent }) => {
        resolve(sessionPresent);
      });
      client.once('error', reject);
    });
    await use(client, hasSession);
  } finally {
    await client.endAsync();
  }
}
