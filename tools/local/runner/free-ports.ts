import { createServer } from 'node:net';

/**
 * Linux gives outgoing connections and port 0 a port from here on, and macOS one from 49152. A server that needs a certain
 * port uses a lower one, or a connection may take it before the server has started.
 */
export const firstOutgoingPort = 32_768;

const range = { from: 20_000, to: firstOutgoingPort };

/** Ports returned before, whose servers may not have started yet. */
const returned = new Set<number>();

/**
 * Finds `count` ports of 127.0.0.1 on which no process listens. This process never gets the same port twice. Other processes
 * may take the ports, so use them soon. Rejects when it finds too few.
 */
export async function findFreePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  const tries = 50 * count;
  for (let attempt = 0; attempt < tries && found.length < count; attempt += 1) {
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    if (returned.has(port)) continue;
    returned.add(port);
    if (await canListen(port)) found.push(port);
  }
  if (found.length < count) throw new Error(`only ${found.length} of ${count} free ports found on 127.0.0.1`);
  return found;
}

/** Whether a server can listen on this port of 127.0.0.1 now. */
export async function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
