import http, { type RequestListener, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { createAdmission, leaveAdmission, onceLeft, type Admission } from './admission.js';

const registry = new Registry();
let admission: Admission;
let server: http.Server;
/** Admitted requests that wait for an answer. */
let waiting: ServerResponse[];
let given: Promise<Response>[];

const hold: RequestListener = (request, response) => {
  if (request.url === '/') waiting.push(response);
  else response.end('answered');
};

async function start(requestsMax: number, eventLoopDelayMaxMs = 60_000) {
  const limits = { requestsMax, eventLoopDelayMaxMs };
  admission = createAdmission(limits, { registry, always: ['/health'], busyPage: '<h1>Busy</h1>' });
  server = http.createServer(admission.guard(hold));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers });

/** Sends requests that are admitted and stay in flight. */
async function occupy(count: number): Promise<void> {
  given = Array.from({ length: count }, () => get('/'));
  while (waiting.length < count) await new Promise(setImmediate);
}

const metric = async (name: string) =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await registry.metrics())?.[1]);

beforeEach(() => {
  registry.clear();
  waiting = [];
  given = [];
});

afterEach(async () => {
  admission.close();
  waiting.forEach((each) => each.end());
  for (const response of await Promise.all(given)) if (!response.bodyUsed) await response.text();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a long-lived response', () => {
  test('is removed from the count once and makes room for another request', async () => {
    await start(1);
    await occupy(1);
    const [long] = waiting;
    if (long === undefined) throw new Error('no request was admitted');
    leaveAdmission(long);
    leaveAdmission(long);
    expect(await metric('http_requests_in_flight')).toBe(0);
    expect((await get('/short')).status).toBe(200);
    long.end();
    await Promise.all(given);
    expect(await metric('http_requests_in_flight')).toBe(0);
  });
});

test('a response whose client has already disconnected does not count', async () => {
  await start(1);
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1').on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  while (waiting.length === 0) await new Promise(setImmediate);
  const [response] = waiting;
  if (response === undefined) throw new Error('no request was admitted');
  const closed = new Promise((resolve) => response.once('close', resolve));
  client.destroy();
  await closed;
  let left = 0;
  onceLeft(response, () => (left += 1));
  expect(left).toBe(1);
});

describe('while the largest number of requests is in flight', () => {
  test('another request is refused with 503 and Retry-After and does not reach the app', async () => {
    await start(2);
    await occupy(2);
    const response = await get('/');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 503, code: 'busy' });
    expect(waiting).toHaveLength(2);
    expect(await metric('http_requests_refused_total')).toBe(1);
    expect(await metric('http_requests_in_flight')).toBe(2);
    waiting.forEach((each) => each.end('done'));
    expect((await Promise.all(given)).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('health and metrics are still answered', async () => {
    await start(1);
    await occupy(1);
    expect((await get('/health/live?x=1')).status).toBe(200);
    expect((await get('/healthy')).status).toBe(503);
  });

  test('a browser gets a page', async () => {
    await start(1);
    await occupy(1);
    const response = await get('/', { accept: 'text/html,*/*' });
    expect([response.status, await response.text()]).toEqual([503, '<h1>Busy</h1>']);
  });

  test('there is room again once a request is answered or its client disconnects', async () => {
    await start(1);
    await occupy(1);
    waiting.pop()?.end('done');
    await (await given[0])?.text();
    const client = new AbortController();
    const { port } = server.address() as AddressInfo;
    const aborted = fetch(`http://127.0.0.1:${port}/`, { signal: client.signal }).catch(() => undefined);
    while (waiting.length === 0) await new Promise(setImmediate);
    const gone = new Promise((resolve) => waiting.pop()?.once('close', resolve));
    client.abort();
    await Promise.all([aborted, gone]);
    expect((await get('/other')).status).toBe(200);
  });
});

describe('while the event loop is late', () => {
  test('an eighth of the requests is admitted, and all of them again once it has caught up', async () => {
    await start(16, 20);
    await occupy(2);
    let isLate = true;
    const keepLate = () => {
      const endMs = performance.now() + 60;
      while (performance.now() < endMs);
      if (isLate) setImmediate(keepLate);
    };
    setImmediate(keepLate);
    // Requests are admitted until the delay is measured.
    let status = 200;
    while (status === 200) ({ status } = await get('/other'));
    expect(status).toBe(503);
    isLate = false;
    while (status === 503) ({ status } = await get('/other'));
    expect(status).toBe(200);
  });
});
