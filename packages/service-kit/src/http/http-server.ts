import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';

/** How patient a server is with its clients. */
export type ServerTimeouts = {
  /** For a request's headers, from its first byte or from the connection on. */
  headersTimeoutMs: number;
  /** For a whole request. */
  requestTimeoutMs: number;
  /** For a connection on which nothing moves: its client does not read what it is sent, or is gone without a word. */
  socketIdleTimeoutMs: number;
  /** How often the first two are looked at. */
  checkIntervalMs: number;
};

/** Slow clients must not hold sockets. */
const defaultTimeouts: ServerTimeouts = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  socketIdleTimeoutMs: 30_000,
  checkIntervalMs: 5_000,
};

/** Each open connection holds memory, whatever it asks for; what comes beyond is closed at once. */
const connectionsMax = 5_000;

/** Longer than the usual idle time of load balancers and of Dapr's channel, so that they close first, not we. */
const keepAliveTimeoutMs = 65_000;

/** How often connections that became idle are closed while the server drains; `close` alone waits for all of them. */
const idleSweepMs = 50;

/** A server that listens. */
export type HttpServer = { port: number; close: (deadlineMs: number) => Promise<void> };

/**
 * Listens, and resolves once connections are accepted. `close` lets requests in flight finish, for at most the given
 * time, and tells their clients that the connection ends.
 *
 * @throws the system's error (EADDRINUSE, EACCES) if it cannot listen.
 */
export async function listen(
  app: RequestListener,
  port: number,
  host: string,
  timeouts: ServerTimeouts = defaultTimeouts,
): Promise<HttpServer> {
  let draining = false;
  const server = http.createServer(
    {
      headersTimeout: timeouts.headersTimeoutMs,
      requestTimeout: timeouts.requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: timeouts.checkIntervalMs,
    },
    (request, response) => {
      if (draining) response.setHeader('Connection', 'close');
      app(request, response);
    },
  );
  server.maxConnections = connectionsMax;
  server.setTimeout(timeouts.socketIdleTimeoutMs);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async (deadlineMs) => {
      draining = true;
      const sweep = setInterval(() => {
        server.closeIdleConnections();
      }, idleSweepMs);
      const deadline = setTimeout(() => {
        server.closeAllConnections();
      }, deadlineMs);
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      clearInterval(sweep);
      clearTimeout(deadline);
    },
  };
}
