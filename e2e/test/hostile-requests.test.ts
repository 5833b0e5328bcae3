import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { appIds, eventRoutes } from '@unity-purchase/contracts';
import { openedParts } from '../src/opened-parts.js';
import { readMetric } from '../src/prometheus.js';
import { signIn, type ShopperClient } from '../src/shopper-client.js';
import { startTestSystem, type TestSystem } from '../src/test-system.js';

/** Longer than any answer takes; a server that waits for more of a request says nothing until then. */
const silentMs = 1_000;

/** What a process may grow by under all of this. */
const growthMaxMb = 150;

const megabyte = 1024 * 1024;

const opened = openedParts();
let shop: TestSystem;
let ada: ShopperClient;
let memoryBefore: number[];

const services = [appIds.storefront, appIds.purchaseService];
const memoryMbOf = async (appId: string) =>
  (await readMetric(`${shop.system.url(appId)}/metrics`, 'process_resident_memory_bytes')) / megabyte;
const memoryMb = () => Promise.all(services.map(memoryMbOf));

beforeAll(async () => {
  shop = opened.add(await startTestSystem());
  ada = await signIn(shop.storefront);
  memoryBefore = await memoryMb();
}, 120_000);

afterAll(opened.close, 60_000);

/** Whatever was sent: both services are the same processes as before, and say that they are well. */
afterEach(async () => {
  for (const appId of services)
    expect((await fetch(`${shop.system.url(appId)}/health/live`)).status).toBe(200);
});

/** Sends bytes as they are, and gives the status line of each answer; none where the connection is just closed. */
async function send(appId: string, bytes: string | Buffer): Promise<number[]> {
  const { port } = new URL(shop.system.url(appId));
  const socket = connect(Number(port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.setTimeout(silentMs, () => socket.destroy());
  await new Promise<void>((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => {
      resolve();
    });
    socket.write(bytes);
  });
  const text = Buffer.concat(chunks).toString('latin1');
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

const request = (line: string, headers: string[] = [], body = '') =>
  [line, 'Host: shop', 'Connection: close', ...headers, '', body].join('\r\n');

describe.each(services)('%s answers with 4xx and goes on after', (appId) => {
  test.each<[what: string, bytes: string | Buffer]>([
    ['bytes that are no HTTP', Buffer.from([0, 255, 22, 3, 1, 2, 0, 1])],
    ['a request without a host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a method that does not exist', request('FOO / HTTP/1.1')],
    [
      'two lengths of a body',
      request('POST / HTTP/1.1', ['Content-Length: 5', 'Content-Length: 6'], 'hello'),
    ],
    [
      'a length and chunks (smuggling)',
      request(
        'POST / HTTP/1.1',
        ['Content-Length: 5', 'Transfer-Encoding: chunked'],
        '0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
      ),
    ],
    [
      'an encoding that hides chunks',
      request('POST / HTTP/1.1', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'),
    ],
    [
      'a chunk of no size',
      request('POST / HTTP/1.1', ['Transfer-Encoding: chunked'], 'zz\r\nhello\r\n0\r\n\r\n'),
    ],
    ['a negative length', request('POST / HTTP/1.1', ['Content-Length: -1'])],
    ['a header without a name', request('GET / HTTP/1.1', [': nameless'])],
    ['a header with a line break in it', request('GET / HTTP/1.1', ['X-A: b\rX-C: d'])],
    [
      'headers of 100 kB',
      request(
        'GET / HTTP/1.1',
        Array.from({ length: 1_000 }, (_, n) => `X-${n}: ${'y'.repeat(100)}`),
      ),
    ],
    ['an address of 100 kB', request(`GET /${'x'.repeat(100_000)} HTTP/1.1`)],
    ['an address that is no UTF-8', request('GET /%ff%fe HTTP/1.1')],
    ['an address with a null in it', request('GET /products/%00 HTTP/1.1')],
    ['a way out of the folder', request('GET /../../../etc/passwd HTTP/1.1')],
    ['an encoded way out of the folder', request('GET /..%2f..%2f..%2fetc%2fpasswd HTTP/1.1')],
  ])('%s', async (_what, bytes) => {
    const statuses = await send(appId, bytes);
    // One answer: what was smuggled behind it is no request of its own.
    expect(statuses.length).toBeLessThanOrEqual(1);
    for (const status of statuses) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });
});

const bomb = gzipSync(Buffer.alloc(200 * megabyte, ' '));
const nested = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;

describe('the API of the shop', () => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    ada.request('/api/purchases', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });

  test.each<[what: string, status: number, body: string | Buffer, headers: Record<string, string>]>([
    ['10 MB', 413, JSON.stringify({ lines: 'x'.repeat(10 * megabyte) }), {}],
    ['200 MB that travel as 200 kB', 413, bomb, { 'content-encoding': 'gzip' }],
    ['an encoding that nobody knows', 415, '{}', { 'content-encoding': 'zip' }],
    ['an encoding that is not what it says', 400, '{"lines":[]}', { 'content-encoding': 'gzip' }],
    ['a character set that nobody knows', 415, '{}', { 'content-type': 'application/json; charset=klingon' }],
    ['JSON of great depth', 400, nested, {}],
    ['half a JSON', 400, '{"lines":[', {}],
    [
      'keys that objects have anyway',
      400,
      '{"__proto__":{"x":1},"constructor":{"prototype":{}},"lines":[]}',
      {},
    ],
    ['a price of its own', 400, '{"lines":[{"sku":"mug","unitPrice":1}]}', {}],
    ['numbers beyond all numbers', 400, '{"lines":[{"sku":"any-amount","amount":1e400}]}', {}],
    ['numbers below all numbers', 400, '{"lines":[{"sku":"mug","quantity":-1e308}]}', {}],
    [
      'too many lines',
      400,
      JSON.stringify({ lines: Array.from({ length: 1_000 }, () => ({ sku: 'mug' })) }),
      {},
    ],
  ])('answers to %s with %i', async (_what, status, body, headers) => {
    const response = await post(body, headers);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
  });

  test.each(['x', '0', '018f0000-0000-4000-8000-000000000000', "'; DROP TABLE state; --", 'x'.repeat(5_000)])(
    'answers to the purchase id %j with 400',
    async (key) => {
      expect((await post('{"lines":[{"sku":"mug"}]}', { 'idempotency-key': key })).status).toBe(400);
    },
  );
});

test('the forms of the shop refuse what is too large, or no form', async () => {
  const submit = async (body: string) =>
    (
      await ada.request('/purchases', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
        body,
      })
    ).status;
  expect(await submit(`sku=${'x'.repeat(10 * megabyte)}`)).toBe(413);
  expect(await submit(Array.from({ length: 10_000 }, (_, n) => `a${n}=1`).join('&'))).toBe(413);
  expect(await submit('sku=mug&sku=mug&purchaseId[]=1&quantity=1')).toBe(400);
  expect(await submit('%ff=%fe&sku=%')).toBe(400);
});

test('whatever is delivered as an event is dropped, and nothing of it stays', async () => {
  const deliver = async (body: string | Buffer, headers: Record<string, string> = {}) => {
    const response = await fetch(`${shop.purchaseService}${eventRoutes.purchases}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    return [response.status, (await response.json()) as unknown];
  };
  const dropped = [200, { status: 'DROP' }];
  for (const body of ['', 'null', '[]', '{"data":{}}', nested, '\u0000', `"${'x'.repeat(10 * megabyte)}"`])
    expect(await deliver(body)).toEqual(dropped);
  expect(await deliver(bomb, { 'content-encoding': 'gzip' })).toEqual(dropped);
});

test('memory stays what it was, and the shop sells', async () => {
  await ada.buy({ sku: 'mug' });
  await ada.waitForRecords(1);
  const after = await memoryMb();
  const growth = after.map((mb, index) => mb - (memoryBefore[index] ?? 0));
  expect(Math.max(...growth)).toBeLessThan(growthMaxMb);
});
