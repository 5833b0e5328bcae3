import { createServer } from 'node:net';

/**
 * Below the ports that Linux (from 32768) and macOS (from 49152) use for outgoing connections and for port 0. No connection
 * takes a port of this range before its server has started.
 */
const range = { from: 20_000, to: 32_000 };

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
