import http from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Stands between a service and its sidecar and passes everything on, but for as many writes to the state store as it is
 * asked to fail: those are answered as the sidecar does when its store is away, and never reach it. It can be slow, too.
 */
export type FaultProxy = AsyncDisposable & {
  port: number;
  /** The next so many writes fail. */
  failWrites: (count: number) => void;
  /** From now on every answer comes so much later. */
  delayAnswers: (delayMs: number) => void;
};

const storeIsAway = JSON.stringify({ errorCode: 'ERR_STATE_SAVE', message: 'the store is away' });

/** A proxy for the sidecar that listens, or will listen, on this port of 127.0.0.1. */
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
    // A sidecar that is gone closes connections: so does this.
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
