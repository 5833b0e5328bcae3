import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { startFakeServer } from '../../testing/fake-server.js';
import { brokerNamed } from '../brokers.js';
import { embeddedPair, mainPair } from '../pairs.js';
import type { ServerComponent } from '../servers/component-definition.js';
import { stores } from '../stores.js';
import { findFreePorts } from './free-ports.js';
import { planServers, portNeedsOfServer } from './plan-servers.js';

const broker = brokerNamed(mainPair.broker);
const { mongodb, postgresql, sqlite } = stores;
const brokerVariable = broker.address.environment?.variable ?? '';

const component = ({ type, address }: ServerComponent, value: string) => ({
  name: type,
  type,
  metadata: new Map([[address.key, value]]),
});

/** An address of this machine that the runner treats as another machine. */
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
  Reflect.deleteProperty(process.env, brokerVariable);
});

describe('planning the servers of a system', () => {
  test('starts a server once, where two components expect it and nothing answers', async () => {
    const [port = 0] = await findFreePorts(1);
    const pubsub = component(broker, `localhost:${port}`);
    const planned = await planServers([pubsub, pubsub], '/data', {});
    const { name, defaultPorts } = broker.server;
    expect(planned.map(({ definition, folder }) => [definition.name, folder])).toEqual([
      [name, `/data/${name}`],
    ]);
    expect(planned.flatMap(portNeedsOfServer)).toEqual(
      [port, ...defaultPorts.slice(1)].map((needed) => ({ port: needed, neededBy: name })),
    );
  });

  test('uses a server that answers in its protocol', async () => {
    await using server = await startFakeServer(Buffer.from('R\0\0\0\x08\0\0\0\0'));
    const address = `postgres://postgres@localhost:${server.port}/postgres`;
    expect(await planServers([component(postgresql, address)], '/data', {})).toEqual([]);
  });

  test('starts a server on the given ports, whatever the component file says', async () => {
    const embedded = brokerNamed(embeddedPair.broker);
    const ports = { [embedded.server.name]: [14_222] };
    const planned = await planServers([component(embedded, `any://${elsewhere}:1`)], '/data', ports);
    expect(planned.map((server) => server.ports)).toEqual([[14_222]]);
  });

  test('names every server on another machine that does not answer once, with its address', async () => {
    const [brokerPort = 0, storePort = 0] = await findFreePorts(2);
    const components = [
      component(broker, `${elsewhere}:${brokerPort}`),
      component(broker, `${elsewhere}:${brokerPort}`),
      component(mongodb, `${elsewhere}:${storePort}`),
    ];
    const message = await planServers(components, '/data', {}).then(String, String);
    expect(message.split(`at ${elsewhere}:${brokerPort}`)).toHaveLength(2);
    expect(message).toMatch(new RegExp(`- MongoDB.* at ${elsewhere}:${storePort}`));
  });

  test('accepts a cluster of which one member answers', async () => {
    const [open = 0, closed = 0] = await findFreePorts(2);
    await using _member = await listenElsewhere(open);
    const cluster = component(broker, `${elsewhere}:${closed}, ${elsewhere}:${open}`);
    expect(await planServers([cluster], '/data', {})).toEqual([]);
  });

  test('does not start a server that the environment names', async () => {
    const [closed = 0] = await findFreePorts(1);
    process.env[brokerVariable] = `127.0.0.1:${closed}`;
    const pubsub = component(broker, `127.0.0.1:${closed}`);
    await expect(planServers([pubsub], '/data', {})).rejects.toThrow(`at 127.0.0.1:${closed}`);
  });

  test('starts nothing for an embedded store', async () => {
    const metadata = new Map([[sqlite.file.key, '.data/statestore.db']]);
    expect(await planServers([{ name: 'statestore', type: sqlite.type, metadata }], '/data', {})).toEqual([]);
  });
});
