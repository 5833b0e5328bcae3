import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { findFreePorts } from './free-ports.js';
import { planServers, portNeedsOfServer } from './plan-servers.js';

const component = (type: string, key: string, value: string) => ({
  name: type,
  type,
  metadata: new Map([[key, value]]),
});

/** An address of this machine that counts as another one's. */
const elsewhere = '127.0.0.2';

async function listenElsewhere(port: number) {
  const server = createServer((socket) => socket.destroy()).listen(port, elsewhere);
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

afterEach(() => {
  delete process.env['KAFKA_BROKERS'];
});

describe('planning the servers of a system', () => {
  test('what is expected on this machine and does not answer is started where it is expected, once', async () => {
    const [kafka = 0] = await findFreePorts(1);
    const brokers = component('pubsub.kafka', 'brokers', `localhost:${kafka}`);
    const planned = await planServers([brokers, brokers], '/data', {});
    expect(planned.map(({ definition, folder }) => [definition.name, folder])).toEqual([
      ['kafka', '/data/kafka'],
    ]);
    expect(planned.flatMap(portNeedsOfServer)).toEqual([
      { port: kafka, neededBy: 'kafka' },
      { port: 9093, neededBy: 'kafka' },
    ]);
  });

  test('what answers in its protocol is used as it is', async () => {
    const [port = 0] = await findFreePorts(1);
    const redis = createServer((socket) => socket.resume().end('+PONG\r\n')).listen(port, '127.0.0.1');
    await once(redis, 'listening');
    const planned = await planServers(
      [component('state.redis', 'redisHost', `localhost:${port}`)],
      '/data',
      {},
    );
    redis.close();
    expect(planned).toEqual([]);
  });

  test('with ports of its own it is started there, whatever answers where the file says', async () => {
    const planned = await planServers(
      [component('pubsub.jetstream', 'natsURL', 'nats://127.0.0.1:14222')],
      '/data',
      { nats: [14_222] },
    );
    expect(planned.map(({ ports }) => ports)).toEqual([[14_222]]);
  });

  test('everything on other machines that does not answer is named once, with its address', async () => {
    const [kafka = 0, mongodb = 0] = await findFreePorts(2);
    const components = [
      component('pubsub.kafka', 'brokers', `${elsewhere}:${kafka}`),
      component('pubsub.kafka', 'brokers', `${elsewhere}:${kafka}`),
      component('state.mongodb', 'host', `${elsewhere}:${mongodb}`),
    ];
    const message = await planServers(components, '/data', {}).then(String, String);
    expect(message.split(`at ${elsewhere}:${kafka}`)).toHaveLength(2);
    expect(message).toMatch(new RegExp(`- MongoDB.* at ${elsewhere}:${mongodb}`));
  });

  test('a cluster of which one member answers is enough', async () => {
    const [open = 0, closed = 0] = await findFreePorts(2);
    await using _member = await listenElsewhere(open);
    const brokers = `${elsewhere}:${closed}, ${elsewhere}:${open}`;
    expect(await planServers([component('pubsub.kafka', 'brokers', brokers)], '/data', {})).toEqual([]);
  });

  test('what the environment names is never started', async () => {
    const [closed = 0] = await findFreePorts(1);
    process.env['KAFKA_BROKERS'] = `127.0.0.1:${closed}`;
    const brokers = component('pubsub.kafka', 'brokers', `127.0.0.1:${closed}`);
    await expect(planServers([brokers], '/data', {})).rejects.toThrow(`at 127.0.0.1:${closed}`);
  });

  test('components without a server need none', async () => {
    const sqlite = component('state.sqlite', 'connectionString', '.data/statestore.db');
    expect(await planServers([sqlite], '/data', {})).toEqual([]);
  });
});
