import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram, packageVersion, type DebianProgram } from '../../../programs/debian-programs.js';
import { amqpProbe, speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition } from '../../servers/server-definition.js';

const stopTimeoutMs = 30_000;

/** One AMQP listener on the loopback interface; memory and disk limits of a small machine instead of a server's. */
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
 * A node that is no member of anything: it neither listens for others nor starts the daemon that tells them apart (epmd),
 * which would be left running.
 */
const alone = [
  ...[
    '-sname',
    'purchases@localhost',
    '-start_epmd',
    'false',
    '-erl_epmd_port',
    '25672',
    '-dist_listen',
    'false',
  ],
  ...['-kernel', 'prevent_overlapping_partitions', 'false'],
];

/** Erlang's schedulers spin while they wait, which on two cores takes from everybody else. */
const doNotSpin = ['+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none'];

/** Erlang asks for its own host's name at the start, which takes half a minute where a name server does not answer. */
const hostsOfItsOwn = '{lookup,[file]}.\n{host,{127,0,0,1},["localhost"]}.\n';

/** RabbitMQ without plugins: the guest may come in, and nothing else is there. */
export const rabbitmq: ServerDefinition = {
  name: 'rabbitmq',
  title: 'RabbitMQ',
  defaultPorts: [5672],
  obtain: async () =>
    `RabbitMQ ${await packageVersion((await debianProgram('rabbitmq')).tree, 'rabbitmq-server')}`,
  answers: (port) => speaks(port, amqpProbe),
  processes: async ({ folder, ports: [port = 0] }) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'rabbitmq.conf'), rabbitmqConfig(port));
    await writeFile(join(folder, 'enabled_plugins'), '[].\n');
    await writeFile(join(folder, 'inetrc'), hostsOfItsOwn);
    const program = await debianProgram('rabbitmq');
    const { erlexec, env } = await erlangCommand(program, folder);
    return [
      {
        spec: {
          name: 'rabbitmq',
          // Not the scripts that Debian installs: they know one place only, and a shell would stand between us and it.
          command: erlexec,
          args: [
            '-noinput',
            '-s',
            'rabbit',
            'boot',
            '-boot',
            'start_sasl',
            ...doNotSpin,
            '+B',
            'i',
            ...alone,
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

/** What Debian's scripts `erl` and `rabbitmq-server` would set, for a tree that is somewhere else. */
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
      // Erlang keeps its cookie there.
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

/** The folder whose name begins with a prefix and goes on with a version. */
async function onlyFolder(parent: string, prefix: string): Promise<string> {
  const [found, ...others] = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  if (found === undefined || others.length > 0) throw new Error(`${parent} has not one ${prefix}*`);
  return found;
}
