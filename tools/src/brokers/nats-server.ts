import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

/** How long a server on this machine may take to greet. */
const greetingTimeoutMs = 1_000;

/**
 * The configuration of a nats-server that keeps its promises: JetStream on disk, synced before it acknowledges (the
 * default syncs every two minutes), one port on the loopback interface and no other.
 */
export function natsServerConfig(port: number, storeDir: string): string {
  return [
    `listen: 127.0.0.1:${port}`,
    'server_name: purchase-system',
    'jetstream {',
    `  store_dir: ${JSON.stringify(storeDir)}`,
    '  sync_interval: always',
    '}',
    '',
  ].join('\n');
}

/** Writes the configuration into `folder`, where the server will also keep its data; returns the file's path. */
export async function writeNatsServerConfig(port: number, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'nats-server.conf');
  await writeFile(path, natsServerConfig(port, folder));
  return path;
}

/** `true` when a NATS server greets on this port of 127.0.0.1, else what is missing. */
export async function natsAnswers(port: number): Promise<true | string> {
  const missing = `no NATS server greets on 127.0.0.1:${port}`;
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: greetingTimeoutMs });
    const finish = (answer: true | string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (greeting: Buffer) => {
      finish(greeting.toString('utf8').startsWith('INFO ') ? true : missing);
    });
    for (const event of ['error', 'timeout', 'close'])
      socket.once(event, () => {
        finish(missing);
      });
  });
}
