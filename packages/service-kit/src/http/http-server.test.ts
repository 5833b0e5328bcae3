import http from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { listen } from './http-server.js';

const farAwayMs = 20_000;
const keepAlive = { keepAliveTimeoutMs: farAwayMs };

function get(port: number, agent?: http.Agent) {
  return new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, agent: agent ?? false }, (response) => {
        response.resume();
        response.on('end', () => {
          resolve({ status: response.statusCode, connection: response.headers.connection });
        });
      })
      .on('error', reject);
  });
}

describe('listen', () => {
  test('rejects if the port is in use', async () => {
    const server = await listen((_request, response) => response.end(), 0, '127.0.0.1', keepAlive);
    await expect(listen(() => undefined, server.port, '127.0.0.1', keepAlive)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await server.close(0);
  });

  test('close lets a request in flight finish and answers it with Connection: close', async () => {
    let finish = (): unknown => undefined;
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const server = await listen(
      (_request, response) => {
        finish = () => response.end('done');
        arrive();
      },
      0,
      '127.0.0.1',
      keepAlive,
    );
    const answer = get(server.port);
    await arrived;
    const closed = server.close(farAwayMs);
    finish();
    expect((await answer).status).toBe(200);
    await closed;
    await expect(get(server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a service that is stopping asks for the end of kept connections before it closes its port', async () => {
    let stopping = false;
    const server = await listen((_request, response) => response.end(), 0, '127.0.0.1', {
      ...keepAlive,
      isStopping: () => stopping,
    });
    const agent = new http.Agent({ keepAlive: true });
    expect((await get(server.port, agent)).connection).toBe('keep-alive');
    stopping = true;
    expect((await get(server.port, agent)).connection).toBe('close');
    await server.close(0);
    agent.destroy();
  });

  test('close does not wait for idle connections', async () => {
    const server = await listen((_request, response) => response.end(), 0, '127.0.0.1', keepAlive);
    const agent = new http.Agent({ keepAlive: true });
    await get(server.port, agent);
    await server.close(farAwayMs);
    agent.destroy();
  });

  test('close ends a request that does not finish in time', async () => {
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const server = await listen(
      () => {
        arrive();
      },
      0,
      '127.0.0.1',
      keepAlive,
    );
    const answer = expect(get(server.port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await arrived;
    await server.close(50);
    await answer;
  });
});

test('an idle connection stays open for the configured time', async () => {
  const server = await listen((_request, response) => response.end(), 0, '127.0.0.1', {
    keepAliveTimeoutMs: 620_000,
    socketIdleTimeoutMs: 1_000,
  });
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('Keep-Alive: timeout=620');
  socket.destroy();
  await server.close(0);
});

describe('a client that', () => {
  const impatient = {
    ...keepAlive,
    headersTimeoutMs: 100,
    requestTimeoutMs: 200,
    socketIdleTimeoutMs: 60_000,
    checkIntervalMs: 20,
  };
  const head = 'POST / HTTP/1.1\r\nHost: shop\r\n';

  test.each([
    ['connects and sends nothing', ''],
    ['does not finish its headers', head],
    ['does not finish its body', `${head}Content-Length: 1000\r\n\r\nhello`],
  ])('%s is answered with 408 and disconnected', async (_what, sent) => {
    const server = await listen((request) => request.resume(), 0, '127.0.0.1', impatient);
    const socket = connect(server.port, '127.0.0.1');
    socket.write(sent);
    // Resolves when the server has closed the connection.
    expect(await text(socket)).toContain('408 Request Timeout');
    await server.close(0);
  });

  test('does not read its answer is disconnected', async () => {
    let closed = (): void => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const server = await listen(
      (_request, response) => {
        response.once('close', closed);
        // More than the buffers of both ends hold together.
        response.end(Buffer.alloc(64 * 1024 * 1024));
      },
      0,
      '127.0.0.1',
      { ...impatient, socketIdleTimeoutMs: 100 },
    );
    const socket = connect(server.port, '127.0.0.1').pause();
    socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
    await gone;
    socket.destroy();
    await server.close(0);
  });
});
