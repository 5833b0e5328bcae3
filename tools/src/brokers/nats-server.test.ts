import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { findFreePorts } from '../runner/free-ports.js';
import { natsAnswers, natsServerConfig } from './nats-server.js';

async function greetsWith(greeting: string) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(greeting);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

describe('the NATS server', () => {
  test('listens on the loopback interface and syncs what it acknowledges', () => {
    const config = natsServerConfig(4222, '/data/with "quotes"');
    expect(config).toContain('listen: 127.0.0.1:4222\n');
    expect(config).toContain('sync_interval: always\n');
    expect(config).toContain('store_dir: "/data/with \\"quotes\\""\n');
  });

  test('counts as answering when it greets in its protocol', async () => {
    await using server = await greetsWith('INFO {"server_id":"x"}\r\n');
    expect(await natsAnswers(server.port)).toBe(true);
  });

  test('does not count as answering when something else has its port, or nothing', async () => {
    await using server = await greetsWith('220 mail\r\n');
    expect(await natsAnswers(server.port)).toContain(String(server.port));
    const [closed = 0] = await findFreePorts(1);
    expect(await natsAnswers(closed)).toContain('no NATS server greets');
  });
});
