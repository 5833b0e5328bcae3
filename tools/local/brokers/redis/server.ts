import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram, packageVersion, type DebianPackages } from '../../../programs/debian-programs.js';
import { speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition } from '../../servers/server-definition.js';
import { redisProbe } from './probe.js';

const stopTimeoutMs = 10_000;

const packages: DebianPackages = {
  name: 'redis',
  release: 'host',
  packages: ['redis-server'],
  treatedAsInstalled: ['adduser', 'init-system-helpers', 'libc6', 'libgcc-s1', 'sysvinit-utils'],
};

/** Stores data in an append-only file that is synced before the answer, takes no snapshots, and evicts no keys. */
export const redisDurability = [
  '--save',
  '',
  '--appendonly',
  'yes',
  '--appendfsync',
  'always',
  '--maxmemory-policy',
  'noeviction',
];

/** Redis that keeps everything it acknowledged. */
export const redisServer: ServerDefinition = {
  name: 'redis',
  title: 'Redis',
  defaultPorts: [6379],
  obtain: async () => `Redis ${await packageVersion((await debianProgram(packages)).tree, 'redis-server')}`,
  answers: (port) => speaks(port, redisProbe),
  processes: async ({ folder, ports: [port = 0] }) => {
    const { tree, env } = await debianProgram(packages);
    await mkdir(folder, { recursive: true });
    return [
      {
        spec: {
          name: 'redis',
          command: join(tree, 'usr/bin/redis-server'),
          args: [
            '--port',
            String(port),
            '--bind',
            '127.0.0.1',
            '--protected-mode',
            'yes',
            '--dir',
            folder,
            ...redisDurability,
            '--daemonize',
            'no',
            '--loglevel',
            'warning',
          ],
          cwd: folder,
          env,
          stopTimeoutMs,
        },
        isReady: () => speaks(port, redisProbe),
      },
    ];
  },
};
