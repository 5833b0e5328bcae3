import http from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventRoutes, shopperKey } from '@unity-purchase/contracts';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { createTestApp as createRecorder } from '../../purchase-service/test/fakes/test-app.js';
import { createShopOf, startFakeIssuer } from '../../storefront/test/fakes/fake-issuer.js';
import { serveBehindAdmission } from '../../storefront/test/fakes/served-shop.js';
import type { TestApp } from '../../storefront/test/fakes/test-app.js';
import { routesOf, type Route } from '../system/express-routes.js';

const sidecarToken = 'the-token-of-the-sidecar';
const operatorToken = 'the-token-of-the-operators';

/** Longer than any of these requests takes, and far shorter than a heartbeat of an event stream. */
const answerWithinMs = 5_000;

/** More than these tests send at the same time. */
const requestsMax = 64;

type Answer = { status: number; headers: http.IncomingHttpHeaders; body: string };
type Registry = TestApp['registry'];

/** A service on a real port, behind its admission. */
type Served = {
  routes: Route[];
  port: number;
  registry: Registry;
  logLines: string[];
  /** The headers of someone who may see everything. */
  admitted: Record<string, string>;
  close: () => Promise<void>;
};

const purchaseId = v7();
const parameters: Record<string, string> = {
  sku: 'mug',
  purchaseId,
  id: 'a'.repeat(64),
  decision: 'replay',
  shopper: shopperKey('ada'),
};
const addressOf = (path: string) =>
  path.replaceAll(/:(\w+)/g, (_all, name: string) => parameters[name] ?? 'unknown');

async function serveShop(): Promise<Served> {
  const issuer = await startFakeIssuer();
  const shop = createShopOf(issuer.issuer, {
    demoSignIn: true,
    operatorToken,
    localRunnerToken: 'the-token-of-the-runner',
    requestsPerMinuteMax: 1_000_000,
  });
  shop.behind.runner = () =>
    Promise.resolve({ status: 200, body: { parts: [{ part: 'store', title: 'Store' }] } });
  const { purchases, totals } = { purchases: [], totals: { count: 0, sums: {} } };
  shop.behind.invoke = () => Promise.resolve({ status: 200, body: { purchases, totals } });
  const served = await serveBehindAdmission(shop.app, shop.registry, requestsMax);
  const send = ask(served.port);
  const form = { 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/x-www-form-urlencoded' };
  const signedIn = await send('POST', '/sign-in', form, 'id=ada&name=Ada');
  const shopper = cookieIn(signedIn);
  const operator = await send(
    'POST',
    '/operators/sign-in',
    { ...form, cookie: shopper },
    `token=${operatorToken}`,
  );
  return {
    ...served,
    routes: routesOf(shop.app),
    registry: shop.registry,
    logLines: shop.logLines,
    admitted: { cookie: cookieIn(operator) || shopper, 'Sec-Fetch-Site': 'same-origin' },
    close: async () => {
      shop.streams.close();
      await served.close();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

async function serveRecorder(): Promise<Served> {
  const { app, operations, registry, logLines } = createRecorder(undefined, {
    sidecar: sidecarToken,
    operator: operatorToken,
  });
  const deliveries = Object.values(eventRoutes).map((path) => ({ method: 'POST', path }));
  return {
    ...(await serveBehindAdmission(app, registry, requestsMax)),
    routes: [
      ...operations.map(({ method, path }) => ({ method, path })),
      ...deliveries,
      { method: 'GET', path: '/openapi.json' },
    ],
    registry,
    logLines,
    admitted: { authorization: `Bearer ${operatorToken}`, 'dapr-api-token': sidecarToken },
  };
}

const cookieIn = ({ headers }: Answer) =>
  (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? '').join('; ');

/** Sends requests, each on a connection of its own. Answers that stream are cut off after their headers. */
const ask =
  (port: number) =>
  (method: string, path: string, headers: Record<string, string> = {}, sent = ''): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = http.request(
        { host: '127.0.0.1', port, method, path, headers, agent: false, timeout: answerWithinMs },
        (response) => {
          const status = response.statusCode ?? 0;
          let body = '';
          if (
            response.headers['content-type']?.startsWith('text/event-stream') === true &&
            method !== 'HEAD'
          ) {
            resolve({ status, headers: response.headers, body });
            request.destroy();
            return;
          }
          response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
          response.on('end', () => {
            resolve({ status, headers: response.headers, body });
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`${method} ${path} got no answer`)));
      request.on('error', reject).end(sent);
    });

/** Sends the head of a request and disconnects as soon as it is sent. */
function sendAndDisconnect(port: number, firstLine: string, headers: Record<string, string>): Promise<void> {
  const lines = Object.entries({ Host: 'service', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket
      .on('error', () => undefined)
      .once('close', () => {
        resolve();
      });
    socket.write(`${firstLine}\r\n${lines.join('')}\r\n`, () => socket.destroy());
  });
}

const services = { storefront: serveShop, 'purchase-service': serveRecorder } as const;

describe.each(Object.entries(services))('%s', (name, start) => {
  let served: Served;
  let send: ReturnType<typeof ask>;
  let paths: string[];

  beforeAll(async () => {
    served = await start();
    send = ask(served.port);
    paths = [...new Set(served.routes.map(({ path }) => addressOf(path)))];
  });

  afterAll(() => served.close());

  /** Requests and streams in progress, according to the metrics. */
  const inProgress = async () => {
    const text = await served.registry.metrics();
    return [...text.matchAll(/^(?:http_requests_in_flight|live_streams) (\d+)$/gm)].map(([, count]) =>
      Number(count),
    );
  };
  const untilIdle = async () => {
    while ((await inProgress()).some((count) => count > 0)) await new Promise(setImmediate);
  };
  /** Unexpected errors, as opposed to those of the services that these tests replace. */
  const failures = () => served.logLines.filter((line) => /internal-error|uncaught|unhandled/i.test(line));

  test('has routes', () => {
    expect(paths.length).toBeGreaterThan(name === 'storefront' ? 25 : 10);
  });

  test('answers HEAD on every route like GET, at once, without a body or a place', async () => {
    for (const path of paths) {
      const head = await send('HEAD', path, served.admitted);
      const get = await send('GET', path, served.admitted);
      expect([path, head.status, head.body, head.headers['content-type']]).toEqual([
        path,
        get.status,
        '',
        get.headers['content-type'],
      ]);
    }
    await untilIdle();
    expect(failures()).toEqual([]);
  });

  test('answers no query parameter of 2,700 characters with an unexpected error or with headers of 4 kB', async () => {
    for (const path of paths)
      for (const parameter of parameterNames) {
        const answer = await send('GET', `${path}?${parameter}=${'x'.repeat(2_700)}`, served.admitted);
        const isSmall = headerBytes(answer) < 4_096;
        expect([path, parameter, answer.status === 500, isSmall]).toEqual([path, parameter, false, true]);
      }
    await untilIdle();
    expect(failures()).toEqual([]);
  }, 60_000);

  test('answers no path, query, header or cookie with an unexpected error, and with headers below 4 kB', async () => {
    await fc.assert(
      fc.asyncProperty(requestsFor(served.routes), async ({ method, path, headers }) => {
        const { cookie = '' } = served.admitted;
        const answer = await send(method, path, {
          ...headers,
          ...served.admitted,
          ...(headers['cookie'] === undefined ? {} : { cookie: `${headers['cookie']}; ${cookie}` }),
        });
        expect(answer.status).not.toBe(500);
        expect(headerBytes(answer)).toBeLessThan(4_096);
      }),
      { numRuns: 300 },
    );
    await untilIdle();
    expect(failures()).toEqual([]);
  }, 60_000);

  test.each(['OPTIONS', 'TRACE', 'PURGE'])(
    'answers %s on every route, and never with 5xx',
    async (method) => {
      for (const path of paths)
        expect([path, (await send(method, path, served.admitted)).status < 500]).toEqual([path, true]);
      await untilIdle();
    },
  );

  test('ignores Range on every route that is not a file', async () => {
    for (const path of paths)
      for (const range of ['bytes=0-0', 'bytes=-1', 'bytes=9999999999-', 'bytes=0-0,2-3', 'lines=1-2']) {
        const plain = await send('GET', path, served.admitted);
        expect([path, range, (await send('GET', path, { ...served.admitted, Range: range })).status]).toEqual(
          [path, range, plain.status],
        );
      }
    await untilIdle();
  });

  test('is idle after clients that disconnect early, on every route', async () => {
    for (const { method, path } of served.routes)
      await sendAndDisconnect(served.port, `${method} ${addressOf(path)} HTTP/1.1`, {
        ...served.admitted,
        ...(method === 'POST' ? { 'Content-Length': '100' } : {}),
      });
    await untilIdle();
    expect(failures()).toEqual([]);
  });

  test('refuses strangers with 401 and a challenge, and never lets an answer about them be stored', async () => {
    for (const path of paths) {
      const { status, headers } = await send('GET', path);
      expect([path, status === 401, headers['www-authenticate'] !== undefined]).toEqual([
        path,
        status === 401,
        status === 401,
      ]);
      const admitted = await send('GET', path, served.admitted);
      if (admitted.status === 200 && !isPublic(path))
        expect([path, admitted.headers['cache-control']]).toEqual([
          path,
          expect.stringContaining('no-store'),
        ]);
    }
  });

  test('counts requests under the routes that exist', async () => {
    if (name === 'storefront')
      await send('POST', '/api/purchases', { ...served.admitted, 'Content-Type': 'text/plain' });
    const text = await served.registry.metrics();
    const counted = [...text.matchAll(/^http_requests_total\{[^}]*route="([^"]*)"/gm)].map(
      ([, route]) => route,
    );
    const known = new Set([...served.routes.map(({ path }) => path), 'unmatched']);
    expect(counted.filter((route) => route === undefined || !known.has(route))).toEqual([]);
    expect(counted.length).toBeGreaterThan(5);
  });

  test.each(['Bearer', 'Bearer ', 'Bearer x y', 'bearer  x  y', 'Bearer wrong', 'BEARER wrong'])(
    'refuses the credential %j with 401 and a challenge, also next to a session',
    async (authorization) => {
      const { cookie = '' } = served.admitted;
      const path = name === 'storefront' ? '/api/purchases' : `/api/purchases/${shopperKey('ada')}`;
      const { status, headers } = await send('GET', path, { cookie, authorization });
      expect([status, headers['www-authenticate']]).toEqual([
        401,
        expect.stringMatching(/^(?:Bearer|Cookie)/),
      ]);
    },
  );
});

/** The size of the headers of an answer. */
const headerBytes = ({ headers }: Answer) =>
  Object.entries(headers)
    .flatMap(([field, values]) => [values].flat().map((value) => `${field}: ${value ?? ''}\r\n`))
    .join('').length;

/** Characters that mean something in addresses, with some that must be escaped, and halves of escapes. */
const pieces = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '..',
    '%2e%2e',
    '%',
    '%ff',
    '%00',
    ';',
    '\\\\',
    '%5c',
    '__proto__',
    'é',
    '%ED%A0%80',
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => encodeURIComponent(text)),
  fc.integer({ min: 100, max: 6_000 }).map((length) => 'x'.repeat(length)),
);
const segments = fc
  .array(pieces, { maxLength: 4 })
  .map((parts) => encodeURI(parts.join('')).replaceAll('%25', '%'));

/** The names of all query parameters of both services, and others. */
const parameterNames = [
  ...[
    'returnTo',
    'q',
    'category',
    'added',
    'left',
    'again',
    'cursor',
    'month',
    'year',
    'until',
    'currency',
    'limit',
    'accepted',
    'version',
    'part',
    'seconds',
  ],
  ...[
    'shopper',
    'purchase',
    'purchaseId',
    'before',
    'count',
    'state',
    'code',
    'error',
    'kind',
    'x',
    '__proto__',
  ],
];
const queries = fc
  .array(fc.tuple(fc.constantFrom(...parameterNames), segments), { maxLength: 4 })
  .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join('&'));

const headerValues = fc
  .array(
    fc.constantFrom(...Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)), '\t', 'ÿ'),
    {
      maxLength: 60,
    },
  )
  .map((characters) => characters.join(''))
  .chain((text) => fc.integer({ min: 1, max: 40 }).map((times) => text.repeat(times)));
const headerNames = fc.constantFrom(
  ...['accept', 'accept-language', 'accept-encoding', 'host', 'origin', 'referer', 'range', 'if-none-match'],
  ...[
    'idempotency-key',
    'x-request-id',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'forwarded',
  ],
  ...[
    'traceparent',
    'content-type',
    'content-encoding',
    'last-event-id',
    'x-operator',
    'user-agent',
    'cookie',
  ],
);

/** Requests to every route, with paths, queries, headers and cookies at and beyond their limits. */
const requestsFor = (routes: readonly Route[]) =>
  fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE'),
    path: fc
      .tuple(fc.constantFrom(...routes), segments, queries, fc.boolean())
      .map(([{ path }, segment, query, isValid]) => {
        const address = isValid ? addressOf(path) : path.replaceAll(/:\w+/g, segment);
        return query === '' ? address : `${address}?${query}`;
      }),
    headers: fc.dictionary(headerNames, headerValues, { maxKeys: 3 }),
  });

/** Answers that are the same for everyone. */
const isPublic = (path: string) => ['/.well-known/security.txt', '/api/catalogue'].includes(path);
