import http from 'node:http';
import { once } from 'node:events';
import { createBrotliDecompress } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { HistoryPage } from '@unity-purchase/contracts';
import type { Invocation } from '@unity-purchase/service-kit';
import request from 'supertest';
import { v7 } from 'uuid';
import { contentOf, serveRaw, type RawClient } from '../fakes/raw-answers.js';
import { createTestApp, recorded, sameSite, type TestApp } from '../fakes/test-app.js';

const pageOfPurchases = (next?: string): Invocation => {
  const purchases = Array.from({ length: 20 }, () =>
    recorded({
      purchaseId: v7(),
      shopper: { id: 'ada', name: 'Ada' },
      lines: [{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice: 1600 }],
      total: { amount: 1600, currency: 'EUR' },
      placedAt: '2026-01-01T10:00:00.000Z',
    }),
  );
  const body: HistoryPage = {
    purchases,
    totals: { count: 1_000, sums: { EUR: 1_600_000 } },
    ...(next === undefined ? {} : { next }),
  };
  return { status: 200, body };
};

let shop: TestApp;
let client: RawClient;
let cookie: string;

beforeEach(async () => {
  shop = createTestApp();
  client = await serveRaw(shop.app);
  const signedIn = await sameSite(request(shop.app).post('/sign-in'))
    .type('form')
    .send({ id: 'ada', name: 'Ada' });
  cookie = String(signedIn.get('Set-Cookie')?.[0]).split(';')[0] ?? '';
});

afterEach(() => client[Symbol.asyncDispose]());

const ask = (
  path: string,
  encoding: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: string,
) => client.ask(path, { cookie, 'Accept-Encoding': encoding, ...headers }, method, body);

/** What browsers send. */
const ofBrowsers = 'gzip, deflate, br, zstd';

describe('a page', () => {
  test.each([
    [ofBrowsers, 'br'],
    ['gzip', 'gzip'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
  ])(
    'is answered to Accept-Encoding %j in the encoding %s, and takes a third of its bytes',
    async (accepted, encoding) => {
      const plain = await ask('/', 'identity');
      const answer = await ask('/', accepted);
      expect(plain.headers).not.toHaveProperty('content-encoding');
      expect(answer.headers).toMatchObject({
        'content-encoding': encoding,
        'content-type': 'text/html; charset=utf-8',
      });
      expect(answer.headers['vary']).toContain('Accept-Encoding');
      expect(contentOf(answer).toString()).toBe(plain.body.toString());
      expect(answer.body.length).toBeLessThan(plain.body.length / 3);
    },
  );

  test('keeps its weak entity tag', async () => {
    const plain = await ask('/', 'identity');
    expect(plain.headers.etag).toMatch(/^W\//);
    expect((await ask('/', 'br')).headers.etag).toBe(plain.headers.etag);
  });

  test('is compressed when it shows the errors of a form', async () => {
    const form = { 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await ask('/basket', 'br', form, 'POST', 'sku=mug&quantity=none');
    expect([answer.status, answer.headers['content-encoding']]).toEqual([400, 'br']);
    expect(contentOf(answer).toString()).toContain('There is a problem');
  });

  test('is answered to HEAD without a body', async () => {
    const answer = await ask('/', 'br', {}, 'HEAD');
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    expect(answer.headers['vary']).toContain('Accept-Encoding');
  });
});

describe('an answer of the API', () => {
  test('is compressed if it is large, and is not sent again while it is unchanged', async () => {
    const answer = await ask('/api/catalogue', ofBrowsers);
    expect(answer.headers).toMatchObject({ 'content-encoding': 'br', 'cache-control': 'no-cache' });
    const plain = await ask('/api/catalogue', 'identity');
    expect(contentOf(answer)).toEqual(plain.body);
    const again = await ask('/api/catalogue', 'br', { 'If-None-Match': answer.headers.etag ?? '' });
    expect([again.status, again.body.length, again.headers['content-encoding']]).toEqual([304, 0, undefined]);
  });

  test('is sent as it is if it is small', async () => {
    const body = { purchases: [], totals: { count: 0, sums: {} } };
    shop.behind.invoke = () => Promise.resolve({ status: 200, body });
    const answer = await ask('/api/purchases', ofBrowsers);
    expect([answer.status, answer.headers['content-encoding']]).toEqual([200, undefined]);
    expect(JSON.parse(answer.body.toString())).toEqual(body);
  });

  test('to a purchase does not pay for compression', async () => {
    const json = { 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/json' };
    const answer = await ask('/api/purchases', ofBrowsers, json, 'POST', '{"lines":[{"sku":"mug"}]}');
    expect(answer.status).toBe(202);
    expect(answer.headers['content-encoding']).toBeUndefined();
    // The header would say that the middleware had looked at the answer.
    expect(answer.headers['vary'] ?? '').not.toContain('Accept-Encoding');
  });
});

describe.each(['/purchases.csv', '/purchases.json'])('%s', (path) => {
  test('is the same file when it is compressed', async () => {
    const page = pageOfPurchases();
    shop.behind.invoke = () => Promise.resolve(page);
    const plain = await ask(path, 'identity');
    for (const encoding of ['br', 'gzip']) {
      const answer = await ask(path, encoding);
      expect(answer.headers['content-encoding']).toBe(encoding);
      expect(contentOf(answer)).toEqual(plain.body);
      expect(answer.body.length).toBeLessThan(plain.body.length / 2);
    }
  });

  test('begins before all purchases are read, and its reading ends when its client leaves', async () => {
    let tell: (signal: AbortSignal | undefined) => void;
    const askedAgain = new Promise<AbortSignal | undefined>((resolve) => (tell = resolve));
    shop.behind.invoke = (address, _method, _headers, signal) => {
      if (!address.includes('cursor=')) return Promise.resolve(pageOfPurchases('older'));
      tell(signal);
      return new Promise<Invocation>((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new Error('cancelled'));
        });
      });
    };
    const headers = { cookie, 'Accept-Encoding': 'br' };
    const sent = http.get({ host: '127.0.0.1', port: client.port, path, headers, agent: false });
    const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
    expect(response.headers['content-encoding']).toBe('br');
    const signal = await askedAgain;
    let text = '';
    for await (const chunk of response.pipe(createBrotliDecompress()).setEncoding('utf8')) {
      text += String(chunk);
      if (text.split('2026-01-01T10:00:00.000Z').length > 20) break;
    }
    expect(signal?.aborted).toBe(false);
    sent.destroy();
    if (signal?.aborted === false) await once(signal, 'abort');
  });
});

test('a stream of events is not compressed, and its first event is not held back', async () => {
  shop.behind.invoke = () => Promise.resolve(pageOfPurchases());
  const headers = { cookie, 'Accept-Encoding': ofBrowsers };
  const path = '/purchases/news?version=0.none';
  const sent = http.get({ host: '127.0.0.1', port: client.port, path, headers, agent: false });
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
  expect(response.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8' });
  expect(response.headers).not.toHaveProperty('content-encoding');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.includes('event: changed')) break;
  }
  sent.destroy();
  shop.streams.close();
});
