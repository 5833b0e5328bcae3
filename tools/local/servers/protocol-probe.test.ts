import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { findFreePorts } from '../runner/free-ports.js';
import {
  amqpProbe,
  kafkaProbe,
  mongodbProbe,
  mqttProbe,
  natsProbe,
  postgresqlProbe,
  redisProbe,
  speaks,
} from './protocol-probe.js';

/** A server that sends the same to everybody; the servers themselves are asked in e2e. */
async function sayingAlways(answer: Buffer) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(answer);
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

const probes = [amqpProbe, kafkaProbe, mongodbProbe, mqttProbe, natsProbe, postgresqlProbe, redisProbe].map(
  (probe) => [probe.what, probe] as const,
);

const startMethod = Buffer.from([1, 0, 0, 0, 0, 1, 0, 0, 10, 0, 10, 0]);

describe('a server', () => {
  test.each([
    ['NATS', natsProbe, Buffer.from('INFO {"server_id":"x"}\r\n')],
    ['Redis', redisProbe, Buffer.from('+PONG\r\n')],
    ['RabbitMQ', amqpProbe, startMethod],
    ['Mosquitto', mqttProbe, Buffer.from([0x20, 2, 0, 0])],
    ['PostgreSQL', postgresqlProbe, Buffer.from('R\0\0\0\x08\0\0\0\0')],
  ])('counts as answering when it speaks as %s does', async (_what, probe, answer) => {
    await using server = await sayingAlways(answer);
    expect(await speaks(server.port, probe)).toBe(true);
  });

  test.each(probes)('does not count as %s when something else has its port', async (what, probe) => {
    await using server = await sayingAlways(Buffer.from('220 mail.example ESMTP\r\n'));
    expect(await speaks(server.port, probe)).toBe(`no ${what} answers on 127.0.0.1:${server.port}`);
  });

  test.each([
    ['Redis that still reads its data', redisProbe, Buffer.from('-LOADING Redis is loading\r\n')],
    ['PostgreSQL that still starts', postgresqlProbe, Buffer.from('E\0\0\0\x0aSFATAL\0')],
    ['a Kafka that knows no broker yet', kafkaProbe, Buffer.from('\0\0\0\x0c\0\0\0\x01\0\0\0\0\0\0\0\0')],
  ])('does not count as answering as %s', async (_what, probe, answer) => {
    await using server = await sayingAlways(answer);
    expect(await speaks(server.port, probe)).not.toBe(true);
  });

  test('does not count as answering when nothing listens', async () => {
    const [closed = 0] = await findFreePorts(1);
    expect(await speaks(closed, redisProbe)).toContain('no Redis answers');
  });
});
