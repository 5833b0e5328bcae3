import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  debianProgram,
  packageVersion,
  type DebianPackages,
  type DebianProgram,
} from '../../../programs/debian-programs.js';
import { speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition } from '../../servers/server-definition.js';
import { amqpProbe } from './probe.js';

const stopTimeoutMs = 30_000;

export const rabbitmqPackages: DebianPackages = {
  name: 'rabbitmq',
  release: 'host',
  packages: ['rabbitmq-server'],
  treatedAsInstalled: [
    'adduser',
    'libc6',
    'libgcc-s1',
    'logrotate',
    'openssl',
    'procps',
    'python3',
    'socat',
    'sysvinit-utils',
  ],
};

/** Configures one AMQP listener on the loopback interface, with memory and disk limits for a developer's machine. */
export function rabbitmqConfig(port: number): string {
  return [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    'loopback_users = none',
    'vm_memory_high_watermark.absolute = 512MiB',
    'disk_free_limit.absolute = 100MB',
    '',
  ].join('\n');
}

/**
 * Runs a node without a cluster. It does not listen for other nodes and does not start Erlang's port mapper (epmd), which
 * would keep running after the node has ended.
 */
const singleNodeArguments = [
  '-sname',
  'purchases@localhost',
  '-start_epmd',
  'false',
  '-erl_epmd_port',
  '25672',
  '-dist_listen',
  'false',
  '-kernel',
  'prevent_overlapping_partitions',
  'false',
];

/** Keeps Erlang's schedulers from busy-waiting, which would take processor time from the other processes. */
const noBusyWaitArguments = ['+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none'];

/** Answers Erlang's lookup of its own host name. Without it, a start takes half a minute when no name server answers. */
const erlangHosts = '{lookup,[file]}.\n{host,{127,0,0,1},["localhost"]}.\n';

/** RabbitMQ without plugins. The user `guest` has access. */
export const rabbitmqServer: ServerDefinition = {
  name: 'rabbitmq',
  title: 'RabbitMQ',
  defaultPorts: [5672],
  obtain: async () =>
    `RabbitMQ ${await packageVersion((await debianProgram(rabbitmqPackages)).tree, 'rabbitmq-server')}`,
  answers: (port) => speaks(port, amqpProbe),
  processes: async ({ folder, ports: [port = 0] }) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'rabbitmq.conf'), rabbitmqConfig(port));
    await writeFile(join(folder, 'enabled_plugins'), '[].\n');
    await writeFile(join(folder, 'inetrc'), erlangHosts);
    const program = await debianProgram(rabbitmqPackages);
    const { erlexec, env } = await erlangCommand(program, folder);
    return [
      {
        spec: {
          name: 'rabbitmq',
          // Debian's scripts expect a fixed folder and would put a shell between the runner and the server.
          command: erlexec,
          args: [
            '-noinput',
            '-s',
            'rabbit',
            'boot',
            '-boot',
            'start_sasl',
            ...noBusyWaitArguments,
            '+B',
            'i',
            ...singleNodeArguments,
          ],
          cwd: folder,
          env,
          stopTimeoutMs,
        },
        isReady: () => speaks(port, amqpProbe),
      },
    ];
  },
};

/** Returns the program and the environment that Debian's scripts `erl` and `rabbitmq-server` would use, for another folder. */
async function erlangCommand(
  { tree, env }: DebianProgram,
  folder: string,
): Promise<{ erlexec: string; env: NodeJS.ProcessEnv }> {
  const erlang = join(tree, 'usr/lib/erlang');
  const bin = join(erlang, await onlyFolder(erlang, 'erts-'), 'bin');
  const library = join(tree, 'usr/lib/rabbitmq/lib');
  const home = join(library, await onlyFolder(library, 'rabbitmq_server-'));
  return {
    erlexec: join(bin, 'erlexec'),
    env: {
      ...env,
      // Erlang stores its cookie here.
      HOME: folder,
      ROOTDIR: erlang,
      BINDIR: bin,
      EMU: 'beam',
      PROGNAME: 'erl',
      ERL_INETRC: join(folder, 'inetrc'),
      RES_OPTIONS: 'timeout:1 attempts:1',
      ERL_LIBS: join(home, 'plugins'),
      ERL_CRASH_DUMP_SECONDS: '0',
      RABBITMQ_HOME: home,
      RABBITMQ_PLUGINS_DIR: join(home, 'plugins'),
      RABBITMQ_NODENAME: 'purchases@localhost',
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOGS: '-',
      RABBITMQ_LOG: 'warning,-color',
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
      RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_PID_FILE: join(folder, 'rabbitmq.pid'),
    },
  };
}

/** Returns the one folder whose name starts with the prefix. Its version follows the prefix. */
async function onlyFolder(parent: string, prefix: string): Promise<string> {
  const [found, ...others] = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  if (found === undefined || others.length > 0)
    throw new Error(`${parent} must contain exactly one folder named ${prefix}*`);
  return found;
}
