import http from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import { Registry } from 'prom-client';
import { createAdmission, type Admission } from './admission.js';
import { receiveBody, type BodyLimits } from './receive-body.js';
import { toAppError } from './request-error.js';

const requestsMax = 2;
const roomy: BodyLimits = { bytesMax: 2_000, totalBytesMax: 1_000_000, timeoutMs: 60_000 };

const registry = new Registry();
let admission: Admission;
let server: http.Server;
let sockets: Socket[];
/** Answers the requests to `/wait`. */
let release: () => void;

const answerError: ErrorRequestHandler = (thrown: unknown, _request, response, _next) => {
  const { code, status } = toAppError(thrown);
  response.status(status).send(code);
};

async function start(limits: BodyLimits = roomy) {
  const released = new Promise<void>((resolve) => (release = resolve));
  const app = express()
    .use('/later', (_request, _response, next) => setTimeout(next, 20))
    .use(receiveBody(limits))
    .use(express.json({ limit: 1_000, strict: false }))
    .post('/wait', async (_request, response) => {
      await released;
      response.end('released');
    })
    .use((request, response) => {
      response.send(JSON.stringify(request.body ?? null));
    })
    .use(answerError);
  server = http.createServer(admission.guard(app));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/** A connection to the server, and the beginning of what it receives: the status and the body. */
function send(...parts: (string | Buffer)[]) {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  let received = '';
  const answered = new Promise<string>((resolve) => {
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
      const [head = '', body = ''] = received.split('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(head)?.[1];
      if (body.length >= Number(length ?? (head === '' ? Infinity : 1)))
        resolve(`${head.slice(9, 12)} ${body}`);
    });
  });
  for (const part of parts) socket.write(part);
  return { socket, answered };
}

const head = (more: string, path = '/') =>
  `POST ${path} HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;

const inFlight = async () =>
  Number(/^http_requests_in_flight (\d+)$/m.exec(await registry.metrics())?.[1] ?? NaN);

beforeEach(() => {
  registry.clear();
  sockets = [];
  admission = createAdmission({ requestsMax, eventLoopDelayMaxMs: 60_000 }, { registry, always: [] });
});

afterEach(async () => {
  admission.close();
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a request with a body', () => {
  test('counts as in flight only when its body is complete', async () => {
    await start();
    const slow = send(head('Content-Length: 7'), '{"a"');
    expect(await send('GET / HTTP/1.1\r\nHost: shop\r\n\r\n').answered).toBe('200 null');
    expect(await inFlight()).toBe(0);
    slow.socket.write(':1}');
    expect(await slow.answered).toBe('200 {"a":1}');
  });

  test('is refused with 503 if the service is full when the body is complete', async () => {
    await start();
    const slow = send(head('Content-Length: 2'), '{');
    const waiting = Array.from({ length: requestsMax }, () => send(head('Content-Length: 2', '/wait'), '{}'));
    while ((await inFlight()) < requestsMax) await new Promise(setImmediate);
    slow.socket.write('}');
    expect(await slow.answered).toBe('503 busy');
    release();
    expect(await Promise.all(waiting.map(({ answered }) => answered))).toEqual([
      '200 released',
      '200 released',
    ]);
    expect(await inFlight()).toBe(0);
  });

  const text = JSON.stringify({ text: 'x'.repeat(900) });
  const chunked = (body: string) => Array.from(body, (each) => `1\r\n${each}\r\n`).join('') + '0\r\n\r\n';
  test.each<[string, (string | Buffer)[]]>([
    ['in one piece', [head(`Content-Length: ${text.length}`), text]],
    ['in chunks of one byte', [head('Transfer-Encoding: chunked'), chunked(text)]],
    [
      'compressed',
      [head(`Content-Encoding: gzip\r\nContent-Length: ${gzipSync(text).length}`), gzipSync(text)],
    ],
  ])('arrives unchanged at the parser when it is sent %s', async (_how, parts) => {
    await start();
    expect(await send(...parts).answered).toBe(`200 ${text}`);
  });

  test.each(['/', '/later'])('is admitted if the body has no bytes, at %s', async (path) => {
    await start();
    expect(await send(head('Transfer-Encoding: chunked', path), '0\r\n\r\n').answered).toMatch(/^200 /);
    expect(await send(head('Transfer-Encoding: chunked', path) + '0\r\n\r\n').answered).toMatch(/^200 /);
  });

  test.each([
    ['by its header', [head('Content-Length: 2001'), 'x']],
    ['as it arrives', [head('Transfer-Encoding: chunked'), `bb8\r\n${'x'.repeat(3_000)}\r\n`]],
  ])('is refused as too large, %s, without waiting for its end', async (_how, parts) => {
    await start();
    expect(await send(...parts).answered).toBe('413 body-too-large');
  });

  test('is answered with 408 and disconnected if its body is too slow', async () => {
    await start({ ...roomy, timeoutMs: 50 });
    const { socket, answered } = send(head('Content-Length: 100'), 'x');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    expect(await answered).toBe('408 request-timeout');
    await closed;
  });

  test('leaves nothing behind if the client disconnects', async () => {
    await start({ ...roomy, totalBytesMax: 150 });
    const first = send(head('Content-Length: 200'), 'x'.repeat(100));
    await new Promise((resolve) => server.once('request', resolve));
    const closed = new Promise((resolve) =>
      server.once('connection', (socket) => socket.once('close', resolve)),
    );
    first.socket.destroy();
    const gone = send(head('Content-Length: 200'));
    await new Promise((resolve) => server.once('request', resolve));
    gone.socket.destroy();
    await closed;
    const body = `"${'y'.repeat(120)}"`;
    expect(await send(head(`Content-Length: ${body.length}`), body).answered).toBe(`200 ${body}`);
  });
});

describe('when arriving bodies take too much memory', () => {
  test('the one that started first is given up', async () => {
    await start({ ...roomy, totalBytesMax: 250 });
    const oldest = send(head('Content-Length: 200'), 'x'.repeat(100));
    await new Promise((resolve) => server.once('request', resolve));
    const older = send(head('Content-Length: 102'), `"${'y'.repeat(99)}`);
    await new Promise((resolve) => server.once('request', resolve));
    const newest = send(head('Content-Length: 102'), `"${'z'.repeat(99)}`);
    expect(await oldest.answered).toBe('408 request-timeout');
    older.socket.write('y"');
    newest.socket.write('z"');
    expect(await older.answered).toBe(`200 "${'y'.repeat(100)}"`);
    expect(await newest.answered).toBe(`200 "${'z'.repeat(100)}"`);
  });
});
