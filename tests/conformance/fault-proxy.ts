import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * A proxy between a service and its sidecar. It forwards everything except the writes to the state store that it was asked
 * to fail: it answers those like a sidecar whose store is down. It can also delay answers, and hold calls to the store.
 */
export type FaultProxy = AsyncDisposable & {
  port: number;
  /** Makes the next `count` writes fail. */
  failWrites: (count: number) => void;
  /** Delays every answer from now on. */
  delayAnswers: (delayMs: number) => void;
  /**
   * Holds every call to the state store from now on, as a store that hangs. Afterwards all of them take effect, including those
   * whose caller has given up.
   */
  holdStateCalls: () => void;
  releaseStateCalls: () => void;
};

const storeIsAway = JSON.stringify({ errorCode: 'ERR_STATE_SAVE', message: 'the store is away' });

/** Starts a proxy for the sidecar on this port of 127.0.0.1, which may start later. */
export async function startFaultProxy(sidecarPort: number): Promise<FaultProxy> {
  const agent = new http.Agent({ keepAlive: true });
  let toFail = 0;
  let delayMs = 0;
  let isHolding = false;
  const held: (() => void)[] = [];
  /** Sends a request on, with its body. */
  const forward = (
    request: IncomingMessage,
    response: ServerResponse,
    body: (to: http.ClientRequest) => void,
  ) => {
    const { method, url, headers } = request;
    const onwards = http.request(
      { host: '127.0.0.1', port: sidecarPort, agent, method, path: url, headers },
      (answer) => {
        const passOn = () => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        };
        if (response.destroyed) answer.resume();
        else if (delayMs === 0) passOn();
        else setTimeout(passOn, delayMs);
      },
    );
    // A stopped sidecar closes connections, and so does the proxy.
    onwards.on('error', () => response.destroy());
    body(onwards);
    return onwards;
  };
  const hold = (request: IncomingMessage, response: ServerResponse) => {
    buffer(request).then(
      (body) => held.push(() => forward(request, response, (to) => to.end(body))),
      () => response.destroy(),
    );
  };
  const server = http.createServer((request, response) => {
    const { method, url = '' } = request;
    if (toFail > 0 && method === 'POST' && /^\/v1\.0\/state\/[^/]+$/.test(url)) {
      toFail -= 1;
      request.resume();
      response.writeHead(500, { 'content-type': 'application/json' }).end(storeIsAway);
      return;
    }
    if (isHolding && url.startsWith('/v1.0/state/')) {
      hold(request, response);
      return;
    }
    const onwards = forward(request, response, (to) => request.pipe(to));
    response.on('close', () => onwards.destroy());
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
    holdStateCalls: () => {
      isHolding = true;
    },
    releaseStateCalls: () => {
      isHolding = false;
      for (const release of held.splice(0)) release();
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
