import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainTool } from '../../../programs/obtain.js';
import { versions } from '../../../programs/versions.js';
import { speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition } from '../../servers/server-definition.js';
import { natsProbe } from './probe.js';

/** NATS only has to close files that are already synced. */
const stopTimeoutMs = 10_000;

/**
 * Configures a nats-server that loses no acknowledged event: JetStream stores events on disk and syncs them before it
 * acknowledges. By default it syncs every two minutes. The server listens on one port of the loopback interface.
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

const title = `NATS ${versions['nats-server']} with JetStream`;

/**
 * After a failed write, a stream refuses every event until NATS is restarted, and the server still answers all other questions.
 * A NATS that starts on an almost full disk keeps the limit that it calculates then (nats-server 2.15.2, filestore.go `werr` and
 * jetstream.go `MaxStore`).
 */
function storesNothingAfter(line: string): boolean {
  return /critical write error|JetStream out of .*resources|JetStream file resource limits exceeded/i.test(
    line,
  );
}

/** NATS with JetStream. */
export const nats: ServerDefinition = {
  name: 'nats',
  title,
  defaultPorts: [4222],
  obtain: async () => {
    await obtainTool('nats-server');
    return title;
  },
  answers: (port) => speaks(port, natsProbe),
  processes: async ({ folder, ports: [port = 0] }) => {
    await mkdir(folder, { recursive: true });
    const config = join(folder, 'nats-server.conf');
    await writeFile(config, natsServerConfig(port, folder));
    return [
      {
        spec: {
          name: 'nats',
          command: await obtainTool('nats-server'),
          args: ['--config', config],
          cwd: folder,
          env: process.env,
          stopTimeoutMs,
          // NATS has no option for its log level.
          isRoutine: (line) => line.includes(' [INF] '),
        },
        isReady: () => speaks(port, natsProbe),
        storesNothingAfter,
      },
    ];
  },
};
