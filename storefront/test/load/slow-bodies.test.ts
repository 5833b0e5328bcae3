import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serveTestApp } from '../fakes/served-shop.js';

/** The default limit of a service, and that of one client. */
const requestsMax = 256;
const requestsPerClientMax = 32;

let shop: Awaited<ReturnType<typeof serveTestApp>>;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  shop = await serveTestApp({ requestsMax, requestsPerClientMax, trustedProxies: 1 });
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await shop.close();
});

const headOf = (path: string, address: string, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: ${address}\r\nSec-Fetch-Site: same-origin\r\n` +
  `Content-Type: application/x-www-form-urlencoded\r\n${more}\r\n`;

/** Opens connections of one client that send the head of a request and never its body. Resolves to what each has received. */
async function sendHeads(count: number, head: string): Promise<(() => string)[]> {
  const answers = Array.from({ length: count }, () => {
    const socket = connect(shop.port, '127.0.0.1');
    sockets.push(socket);
    let received = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
    socket.on('error', () => undefined);
    socket.write(head);
    return { socket, received: () => received };
  });
  await Promise.all(answers.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
  return answers.map(({ received }) => received);
}

type Answer = { status: number | undefined; body: string };

/** Sends a complete request on a connection of its own. */
function ask(method: string, path: string, address: string, form = ''): Promise<Answer> {
  const headers = {
    'X-Forwarded-For': address,
    'Sec-Fetch-Site': 'same-origin',
    ...(form === '' ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
  };
  return new Promise((resolve, reject) => {
    http
      .request({ host: '127.0.0.1', port: shop.port, method, path, headers, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode, body });
        });
      })
      .on('error', reject)
      .end(form);
  });
}

/** Waits until the shop has answered this many of the connections. */
async function untilAnswered(received: (() => string)[], count: number): Promise<void> {
  while (received.filter((read) => read() !== '').length < count) await new Promise(setImmediate);
}

const attacker = '192.0.2.66';
const honest = '192.0.2.1';

describe('a client that sends the heads of as many requests as the shop admits, and no body', () => {
  const head = headOf('/basket', attacker, 'Content-Length: 100\r\n');

  test('is refused beyond its own limit with 429, and everyone else is still served', async () => {
    const received = await sendHeads(requestsMax, head);
    await untilAnswered(received, requestsMax - requestsPerClientMax);
    const statuses = received.map((read) => read().slice(9, 12)).filter((status) => status !== '');
    expect(new Set(statuses)).toEqual(new Set(['429']));
    expect((await ask('GET', '/', honest)).status).toBe(200);
    expect((await ask('POST', '/basket', honest, 'sku=mug&quantity=1')).status).toBe(303);
    expect((await ask('GET', '/', attacker)).status).toBe(429);
    expect(await shop.registry.getSingleMetricAsString('http_requests_in_flight')).toContain(
      'http_requests_in_flight 0',
    );
  });

  test('is served again once its connections are gone', async () => {
    await untilAnswered(await sendHeads(requestsMax, head), requestsMax - requestsPerClientMax);
    for (const socket of sockets) socket.destroy();
    let status: number | undefined = 429;
    while (status === 429) ({ status } = await ask('GET', '/', attacker));
    expect(status).toBe(200);
  });
});
