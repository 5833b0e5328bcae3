import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** More than any limit of requests in flight for one client. */
const connections = 256;

const byteEveryMs = 1_000;

/** Not the address of the other shoppers, who must not be affected. */
const localAddress = '127.0.0.2';

/** Only Linux has all addresses from 127.0.0.1 to 127.255.255.254 without any configuration. */
export const canSendSlowBodies = process.platform === 'linux';

/**
 * Opens connections from an address of its own. Each announces a body and sends it byte by byte, until it is closed by the shop
 * or this is disposed of.
 */
export async function sendSlowBodies(storefront: string): Promise<AsyncDisposable> {
  const { hostname, port, host } = new URL(storefront);
  const head = [
    'POST /api/purchases HTTP/1.1',
    `host: ${host}`,
    'content-type: application/json',
    'content-length: 10000',
  ].join('\r\n');
  const sockets: Socket[] = [];
  for (let index = 0; index < connections; index += 1) {
    const socket = connect({ host: hostname, port: Number(port), localAddress });
    sockets.push(socket);
    await once(socket, 'connect');
    // The shop may close it at any time.
    socket.on('error', () => socket.destroy());
    socket.resume();
    socket.write(`${head}\r\n\r\n`);
  }
  const dripping = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(' ');
  }, byteEveryMs);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(dripping);
      for (const socket of sockets) socket.destroy();
      await Promise.all(sockets.filter(({ closed }) => !closed).map((socket) => once(socket, 'close')));
    },
  };
}
