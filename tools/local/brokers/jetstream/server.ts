import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainTool } from '../../../programs/obtain.js';
import { versions } from '../../../programs/versions.js';
import { natsProbe, speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition } from '../../servers/server-definition.js';

/** It only has to close files that are already synced. */
const stopTimeoutMs = 10_000;

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

const title = `NATS ${versions['nats-server']} with JetStream`;

/** NATS with JetStream: the broker that is started where no other is asked for. */
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
          // It has no log level to choose.
          isRoutine: (line) => line.includes(' [INF] '),
        },
        isReady: () => speaks(port, natsProbe),
      },
    ];
  },
};
