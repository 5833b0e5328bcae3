import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Registry } from 'prom-client';
import { createLogger } from '../logs/logger.js';
import { httpMeter } from '../metrics/http-metrics.js';
import { deliveries, type Delivery, type DeliveryOutcome } from './deliveries.js';

const path = '/events/things';

let server: Server;
let url: string;
let taken: Delivery[];
let outcome: () => Promise<DeliveryOutcome>;
let registry: Registry;
let logLines: string[];

beforeEach(async () => {
  taken = [];
  logLines = [];
  outcome = () => Promise.resolve('SUCCESS');
  registry = new Registry();
  const stand = deliveries({
    routes: {
      [path]: (delivery) => {
        taken.push(delivery);
        return outcome();
      },
    },
    isFromSidecar: ({ headers }) => headers['x-stranger'] === undefined,
    meter: httpMeter(registry),
    logger: createLogger(
      'test',
      { level: 'debug', format: 'json' },
      { write: (line: string) => logLines.push(line) },
    ),
  });
  server = createServer(
    stand((_request, response) => {
      response.writeHead(418).end();
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function deliver(body: string | Buffer, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return response.status === 200 ? response.json() : response.status;
}

test('hands over what was delivered, and answers with what its taker says', async () => {
  for (const status of ['SUCCESS', 'RETRY', 'DROP'] as const) {
    outcome = () => Promise.resolve(status);
    expect(await deliver('{"id":"🧾"}')).toEqual({ status });
  }
  expect(taken).toEqual(Array(3).fill({ event: { id: '🧾' } }));
  expect(await registry.metrics()).toContain(
    `http_requests_total{method="POST",route="${path}",status="200"} 3`,
  );
});

test.each<[what: string, body: string | Buffer, headers: Record<string, string>]>([
  ['is no JSON', '{"id":', {}],
  ['is empty', '', {}],
  ['is no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}],
  ['is compressed', gzipSync('{}'), { 'content-encoding': 'gzip' }],
  ['says it is something else', '{}', { 'content-type': 'text/plain' }],
  ['is too large', JSON.stringify('x'.repeat(6 * 1024 * 1024)), {}],
])(
  'says so where a delivery %s, and leaves it to the taker what that means',
  async (_what, body, headers) => {
    outcome = () => Promise.resolve('DROP');
    expect(await deliver(body, headers)).toEqual({ status: 'DROP' });
    expect(taken).toEqual([{ unreadable: expect.stringMatching(/^the event is /) }]);
  },
);

test('takes JSON by any of its content types', async () => {
  await deliver('1', { 'content-type': 'Application/JSON; charset=utf-8' });
  expect(taken).toEqual([{ event: 1 }]);
});

test('has an event come again whose taker throws', async () => {
  outcome = () => Promise.reject(new Error('the store is away'));
  expect(await deliver('{}')).toEqual({ status: 'RETRY' });
  expect(logLines.join('')).toContain('the store is away');
});

test('takes nothing of a delivery that ends in the middle, and goes on answering', async () => {
  const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a"`,
  );
  const [request] = (await once(server, 'request')) as [NodeJS.EventEmitter];
  socket.destroy();
  await new Promise((resolve) => request.once('close', resolve));
  expect(await deliver('{}')).toEqual({ status: 'SUCCESS' });
  expect(taken).toEqual([{ event: {} }]);
});

test('leaves to the app what is no delivery, and whoever is not the sidecar', async () => {
  expect(await deliver('{}', { 'x-stranger': 'yes' })).toBe(418);
  for (const [method, other] of [
    ['GET', path],
    ['POST', `${path}/more`],
    ['POST', '/'],
  ] as const)
    expect((await fetch(`${url}${other}`, { method })).status).toBe(418);
  expect(taken).toEqual([]);
});
