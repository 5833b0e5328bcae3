import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';

/** How long a server waits for its clients. */
export type ServerTimeouts = {
  /** For the headers of a request, from its first byte or from the connection. */
  headersTimeoutMs: number;
  /** For a whole request. */
  requestTimeoutMs: number;
  /** For a connection without any traffic: its client does not read, or has disappeared. */
  socketIdleTimeoutMs: number;
  /** For the next request on a connection. */
  keepAliveTimeoutMs: number;
  /** How often the first two are checked. */
  checkIntervalMs: number;
};

/** Slow clients must not occupy sockets. */
const defaultTimeouts: Omit<ServerTimeouts, 'keepAliveTimeoutMs'> = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  socketIdleTimeoutMs: 30_000,
  checkIntervalMs: 5_000,
};

/** Each open connection takes memory. Further connections are closed at once, and so are those that are idle, to make room. */
const connectionsMax = 5_000;

/** How often idle connections are closed while the server drains. Node's `close` waits for them otherwise. */
const idleSweepMs = 50;

/** A listening server. */
export type HttpServer = { port: number; close: (deadlineMs: number) => Promise<void> };

/**
 * Listens, and resolves once connections are accepted. `close` waits for requests in flight to finish, at most for the given
 * time, and answers them with `Connection: close`. So are requests while `isStopping`: a proxy that keeps a connection then opens
 * another elsewhere, and does not send a request just when this one is closed.
 *
 * @throws the system's error (EADDRINUSE, EACCES) if it cannot listen
 */
export async function listen(
  app: RequestListener,
  port: number,
  host: string,
  {
    keepAliveTimeoutMs,
    isStopping = () => false,
    ...more
  }: Pick<ServerTimeouts, 'keepAliveTimeoutMs'> & Partial<ServerTimeouts> & { isStopping?: () => boolean },
): Promise<HttpServer> {
  const timeouts = { ...defaultTimeouts, ...more };
  let draining = false;
  const server = http.createServer(
    {
      headersTimeout: timeouts.headersTimeoutMs,
      requestTimeout: timeouts.requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: timeouts.checkIntervalMs,
    },
    (request, response) => {
      if (draining || isStopping()) response.setHeader('Connection', 'close');
      app(request, response);
    },
  );
  server.maxConnections = connectionsMax;
  server.on('drop', () => {
    server.closeIdleConnections();
  });
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
