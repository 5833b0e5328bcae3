import { createServer } from 'node:net';

/**
 * Below the range that Linux (from 32768) and macOS (from 49152) take for outgoing connections and for port 0: a port found
 * here is not given to a connection before its server starts.
 */
const range = { from: 20_000, to: 32_000 };

/** Found before: what is going to listen there may not have started yet. */
const given = new Set<number>();

/**
 * Finds `count` ports of 127.0.0.1 that nobody listens on, none of them found by this process before. Nothing reserves them
 * from other processes: start what needs them soon. Rejects when too few are found.
 */
export async function findFreePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  const tries = 50 * count;
  for (let attempt = 0; attempt < tries && found.length < count; attempt += 1) {
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    if (given.has(port)) continue;
    given.add(port);
    if (await canListen(port)) found.push(port);
  }
  if (found.length < count) throw new Error(`only ${found.length} of ${count} free ports found on 127.0.0.1`);
  return found;
}

/** Whether a server could listen on this port of 127.0.0.1 now. */
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
