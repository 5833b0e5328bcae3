import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';

/** A client has this long to send its headers, and this long for the whole request: slow ones must not hold sockets. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

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
export async function listen(app: RequestListener, port: number, host: string): Promise<HttpServer> {
  let draining = false;
  const server = http.createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: 5000,
    },
    (request, response) => {
      if (draining) response.setHeader('Connection', 'close');
      app(request, response);
    },
  );
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
