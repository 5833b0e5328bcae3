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

test('passes a delivery to its handler and answers with the outcome', async () => {
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
  ['is not JSON', '{"id":', {}],
  ['is empty', '', {}],
  ['is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}],
  ['is compressed', gzipSync('{}'), { 'content-encoding': 'gzip' }],
  ['has another content type', '{}', { 'content-type': 'text/plain' }],
  ['is too large', JSON.stringify('x'.repeat(6 * 1024 * 1024)), {}],
  ['is nested too deeply', '['.repeat(50_000) + ']'.repeat(50_000), {}],
])('tells the handler when a delivery %s, and answers with the outcome', async (_what, body, headers) => {
  outcome = () => Promise.resolve('DROP');
  expect(await deliver(body, headers)).toEqual({ status: 'DROP' });
  expect(taken).toEqual([{ unreadable: expect.stringMatching(/^the event is /) }]);
});

test('accepts JSON with a content type in capitals and with parameters', async () => {
  await deliver('1', { 'content-type': 'Application/JSON; charset=utf-8' });
  expect(taken).toEqual([{ event: 1 }]);
});

test('answers RETRY if the handler throws, and logs why', async () => {
  outcome = () => Promise.reject(new Error('the store is down'));
  expect(await deliver('{}')).toEqual({ status: 'RETRY' });
  expect(logLines.join('')).toContain('the store is down');
});

test('ignores a delivery whose connection breaks, and keeps answering', async () => {
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

test('passes other requests, and requests that are not from the sidecar, to the app', async () => {
  expect(await deliver('{}', { 'x-stranger': 'yes' })).toBe(418);
  for (const [method, other] of [
    ['GET', path],
    ['POST', `${path}/more`],
    ['POST', '/'],
  ] as const)
    expect((await fetch(`${url}${other}`, { method })).status).toBe(418);
  expect(taken).toEqual([]);
});
