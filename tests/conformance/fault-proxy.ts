import http from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A proxy between a service and its sidecar. It forwards everything except the writes to the state store that it was asked
 * to fail: it answers those like a sidecar whose store is down. It can also delay answers.
 */
export type FaultProxy = AsyncDisposable & {
  port: number;
  /** Makes the next `count` writes fail. */
  failWrites: (count: number) => void;
  /** Delays every answer from now on. */
  delayAnswers: (delayMs: number) => void;
};

const storeIsAway = JSON.stringify({ errorCode: 'ERR_STATE_SAVE', message: 'the store is away' });

/** Starts a proxy for the sidecar on this port of 127.0.0.1, which may start later. */
export async function startFaultProxy(sidecarPort: number): Promise<FaultProxy> {
  const agent = new http.Agent({ keepAlive: true });
  let toFail = 0;
  let delayMs = 0;
  const server = http.createServer((request, response) => {
    const isWrite = request.method === 'POST' && /^\/v1\.0\/state\/[^/]+$/.test(request.url ?? '');
    if (isWrite && toFail > 0) {
      toFail -= 1;
      request.resume();
      response.writeHead(500, { 'content-type': 'application/json' }).end(storeIsAway);
      return;
    }
    const { method, url, headers } = request;
    const onwards = http.request(
      { host: '127.0.0.1', port: sidecarPort, agent, method, path: url, headers },
      (answer) => {
        const passOn = () => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        };
        if (delayMs === 0) passOn();
        else setTimeout(passOn, delayMs);
      },
    );
    // A stopped sidecar closes connections, and so does the proxy.
    onwards.on('error', () => response.destroy());
    response.on('close', () => onwards.destroy());
    request.pipe(onwards);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    failWrites: (count) => {
      toFail = count;
    },
    delayAnswers: (ms) => {
      delayMs = ms;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        agent.destroy();
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
