import { randomUUID } from 'node:crypto';
import { topics } from '@unity-purchase/contracts';
import { connectAsync } from 'mqtt';
import { wireBytes, type BrokerClient } from '../../../testing/broker-client.js';

const reconnectMs = 250;

/**
 * Connects to an MQTT broker at `host:port`. The broker keeps no delivered messages, so the client collects them from now on, in
 * a session of its own.
 */
export async function mqttClient(address: string): Promise<BrokerClient> {
  const received = new Map<string, string[]>(Object.values(topics).map((topic) => [topic, []]));
  const client = await connectAsync(`mqtt://${address}`, {
    clientId: `inspector-${randomUUID()}`,
    clean: false,
    reconnectPeriod: reconnectMs,
    protocolVersion: 4,
  });
  // The client reconnects by itself.
  client.on('error', () => undefined);
  client.on('message', (topic, payload) => received.get(topic)?.push(payload.toString('utf8')));
  await client.subscribeAsync(Object.values(topics), { qos: 1 });
  return {
    publish: async (topic, message) => {
      await client.publishAsync(topic, wireBytes(message), { qos: 1 });
    },
    messages: (topic) => Promise.resolve([...(received.get(topic) ?? [])]),
    // MQTT 3.1.1 has no negative acknowledgement.
    refuse: () => Promise.resolve(undefined),
    backlog: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: async () => {
      await client.endAsync(true);
    },
  };
}
