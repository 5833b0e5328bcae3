import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A server on a free port of 127.0.0.1 that sends the same bytes to every client. */
export async function startFakeServer(answer: Buffer): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
