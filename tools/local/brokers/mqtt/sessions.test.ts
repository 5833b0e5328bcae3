import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { ensureSession } from './sessions.js';

/** MQTT 3.1.1 packet types in the first byte of a packet. */
const packet = { connect: 0x10, subscribe: 0x82, disconnect: 0xe0 };

/** A broker that grants a QoS to every subscription and claims to have a session or not. Its clients send one packet at a time. */
async function startFakeBroker({ grants, hasSession }: { grants: number; hasSession: boolean }) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      if (bytes[0] === packet.connect) socket.write(Buffer.from([0x20, 2, hasSession ? 1 : 0, 0]));
      if (bytes[0] === packet.subscribe)
        socket.write(Buffer.from([0x90, 3, bytes[2] ?? 0, bytes[3] ?? 0, grants]));
      if (bytes[0] === packet.disconnect) socket.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

const component = { metadata: new Map([['consumerID', 'reader']]) };

test('accepts a broker that delivers at least once and keeps the session', async () => {
  await using broker = await startFakeBroker({ grants: 1, hasSession: true });
  await expect(ensureSession(broker.url, component, 'events')).resolves.toBeUndefined();
});

test('refuses a broker that delivers at most once, naming the topic', async () => {
  await using broker = await startFakeBroker({ grants: 0, hasSession: true });
  await expect(ensureSession(broker.url, component, 'events')).rejects.toThrow(
    'the broker grants the topic events only QoS 0 instead of 1',
  );
});

test('refuses a broker that keeps no session, naming the session', async () => {
  await using broker = await startFakeBroker({ grants: 1, hasSession: false });
  await expect(ensureSession(broker.url, component, 'events')).rejects.toThrow(
    'the broker does not keep the session reader',
  );
});
