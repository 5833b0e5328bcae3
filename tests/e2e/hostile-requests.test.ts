import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  appIds,
  eventRoutes,
  journalPageSchema,
  purchaseApiPath,
  purchasePlaced,
  purchasePlacedSchema,
} from '@unity-purchase/contracts';
import { createCleanup } from '@unity-purchase/tools';
import { readMetric } from '../system/prometheus.js';
import { createPurchase } from '../system/create-purchase.js';
import { signIn, type ShopperClient } from '../system/shopper-client.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** Longer than any answer takes; a server that waits for the rest of a request stays silent. */
const silentMs = 1_000;

/** The memory growth allowed under all of this. */
const growthMaxMb = 150;

const megabyte = 1024 * 1024;

/** The token that only the purchase-service's sidecar sends. */
const sidecarToken = 'what-the-sidecar-says';

const cleanup = createCleanup();
let shop: TestSystem;
let ada: ShopperClient;
let memoryBefore: number[];

const services = [appIds.storefront, appIds.purchaseService];
const memoryMbOf = async (appId: string) =>
  (await readMetric(`${shop.system.url(appId)}/metrics`, 'process_resident_memory_bytes')) / megabyte;
const memoryMb = () => Promise.all(services.map(memoryMbOf));

beforeAll(async () => {
  const env = { APP_API_TOKEN: sidecarToken };
  shop = cleanup.add(await startTestSystem({ env: { apps: env, sidecars: env } }));
  ada = await signIn(shop.storefront);
  memoryBefore = await memoryMb();
}, 120_000);

afterAll(cleanup.run, 60_000);

/** Expects both services to be the same processes as before, and healthy. */
afterEach(async () => {
  for (const appId of services)
    expect((await fetch(`${shop.system.url(appId)}/health/live`)).status).toBe(200);
});

/** Sends raw bytes. Returns the status line of each answer, or none when the connection is closed. */
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

describe.each(services)('%s answers 4xx and keeps working after', (appId) => {
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
    // One answer: the smuggled bytes must not count as a request of their own.
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

  test.each(['', '"x', '"x" ,"y"', 'ÿ', 'x'.repeat(256), 'x'.repeat(5_000)])(
    'answers to the key %j with 400',
    async (key) => {
      expect((await post('{"lines":[{"sku":"mug"}]}', { 'idempotency-key': key })).status).toBe(400);
    },
  );
});

test("the shop's forms refuse bodies that are too large or not a form", async () => {
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
  expect(await submit('line=mug*1&line[]=mug*1&purchaseId[]=1&total=1600&currency=EUR')).toBe(400);
  expect(await submit('%ff=%fe&sku=%')).toBe(400);
});

/** A valid event with some values replaced. */
function eventWith(change: (event: Record<string, unknown>, data: Record<string, unknown>) => void): string {
  const event = structuredClone(purchasePlaced(createPurchase('eve'))) as Record<string, unknown>;
  change(event, event['data'] as Record<string, unknown>);
  return JSON.stringify(event);
}

const set = (place: string, value: unknown) =>
  eventWith((event, data) => {
    const target = place.startsWith('data.') ? data : event;
    const name = place.replace('data.', '');
    target[name] = value;
  });

type Delivery = [what: string, body: string | Buffer, headers: Record<string, string>];

/** All rows have the same length: Jest passes a callback to a test with more parameters than its row. */
function withHeaders(rows: ([what: string, body: string | Buffer] | Delivery)[]): Delivery[] {
  return rows.map(([what, body, headers = {}]) => [what, body, headers]);
}

const malformedEvents = withHeaders([
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['a null character', '\u0000'],
  ['JSON of great depth', nested],
  ['a text of 10 MB', `"${'x'.repeat(10 * megabyte)}"`],
  ['200 MB that travel as 200 kB', bomb, { 'content-encoding': 'gzip' }],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['half an event', set('id', 'half').slice(0, -20)],
  ['a form', 'id=1&type=purchase.placed.v1', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['an event of another type', set('type', 'purchase.placed.v9')],
  ['an event of another version', set('specversion', '0.3')],
  ['an event without an id', set('id', undefined)],
  ['an event about another shopper', set('subject', 'mallory')],
  ['an event without data', set('data', undefined)],
  ['data that is a text', set('data', '{"purchaseId":"x"}')],
  ['a purchase without an id', set('data.purchaseId', undefined)],
  ['a purchase with a random id', set('data.purchaseId', '018f0000-0000-4000-8000-000000000000')],
  ['a purchase of nobody', set('data.shopper', { id: '', name: '' })],
  ['a purchase of nothing', set('data.lines', [])],
  ['a total that is not the sum', set('data.total', { amount: 1, currency: 'EUR' })],
  ['a total below nothing', set('data.total', { amount: -100, currency: 'EUR' })],
  ['a total beyond all numbers', set('data.total', { amount: 1e300, currency: 'EUR' })],
  ['a currency that nobody knows', set('data.total', { amount: 100, currency: 'XXL' })],
  ['a time that never was', set('data.placedAt', '2026-02-30T25:61:00.000Z')],
  [
    'a prototype',
    set('id', 'x').replace('"id"', '"__proto__":{"id":"y"},"id"').replace('placed.v1', 'placed'),
  ],
]);

describe.each([eventRoutes.purchases, eventRoutes.deadLetters])('a delivery to %s', (route) => {
  const deliver = async (body: string | Buffer, headers: Record<string, string> = {}) => {
    const response = await fetch(`${shop.purchaseService}${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      verdict: text.includes('"status":') ? (JSON.parse(text) as { status: unknown }).status : undefined,
    };
  };

  test.each(malformedEvents)('is refused without the token: %s', async (_what, body, headers) => {
    expect((await deliver(body, headers)).status).toBe(401);
  });

  // Any dead letter is kept; for an unreadable delivery, the sidecar keeps the event.
  const verdicts = route === eventRoutes.purchases ? ['DROP'] : ['SUCCESS', 'RETRY'];

  test.each(malformedEvents)(
    'with the token is answered, and recorded nowhere: %s',
    async (_what, body, headers) => {
      const { status, verdict } = await deliver(body, { ...headers, 'dapr-api-token': sidecarToken });
      expect(status).toBe(200);
      expect(verdicts).toContain(verdict);
      expect(await recordedPurchases()).toBe(0);
    },
  );
});

/** The number of purchases of all shoppers. */
async function recordedPurchases(): Promise<number> {
  const response = await fetch(`${shop.purchaseService}${purchaseApiPath}`, {
    headers: { 'dapr-api-token': sidecarToken },
  });
  return journalPageSchema.parse(await response.json()).totals.count;
}

test.each([
  ['a shopper with a key of its own', set('data.shopper', { id: 'eve', name: 'eve', isOperator: true })],
  ['keys that objects have anyway', set('data.constructor', { prototype: { isOperator: true } })],
])('what an event says beyond what is known is recorded nowhere: %s', async (_what, event) => {
  const headers = { 'content-type': 'application/cloudevents+json', 'dapr-api-token': sidecarToken };
  const delivery = await fetch(`${shop.purchaseService}${eventRoutes.purchases}`, {
    method: 'POST',
    headers,
    body: event,
  });
  expect(await delivery.json()).toEqual({ status: 'SUCCESS' });
  const { data } = purchasePlacedSchema.parse(JSON.parse(event));
  const place = `${purchaseApiPath}/${encodeURIComponent('eve')}/${data.purchaseId}`;
  for (const path of [place, `${place}/event`]) {
    const answer = await fetch(`${shop.purchaseService}${path}`, { headers });
    const text = await answer.text();
    expect([answer.status, text]).toEqual([200, expect.stringContaining(data.purchaseId)]);
    expect(text).not.toContain('isOperator');
  }
});

test('memory stays flat and the shop still sells', async () => {
  await ada.buy({ sku: 'mug' });
  await ada.waitForRecords(1);
  const after = await memoryMb();
  const growth = after.map((mb, index) => mb - (memoryBefore[index] ?? 0));
  expect(Math.max(...growth)).toBeLessThan(growthMaxMb);
});
