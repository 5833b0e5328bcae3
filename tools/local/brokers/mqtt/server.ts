import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram, packageVersion, type DebianPackages } from '../../../programs/debian-programs.js';
import { speaks } from '../../servers/protocol-probe.js';
import type { ServerDefinition } from '../../servers/server-definition.js';
import { mqttProbe } from './probe.js';

const stopTimeoutMs = 10_000;

const packages: DebianPackages = {
  name: 'mosquitto',
  release: 'host',
  packages: ['mosquitto'],
  treatedAsInstalled: ['adduser', 'libc6', 'sysvinit-utils'],
};

/**
 * Configures Mosquitto to save its data after every change; the default is every half hour. Mosquitto acknowledges a moment
 * before it saves, so a crash may still lose the last messages.
 */
export function mosquittoConfig(port: number, folder: string): string {
  return [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    'autosave_interval 1',
    'autosave_on_changes true',
    // By default a disconnected session loses every message after its thousandth.
    'max_queued_messages 0',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    'log_dest stdout',
    'log_type error',
    'log_type warning',
    '',
  ].join('\n');
}

/** Mosquitto, an MQTT broker. */
export const mosquitto: ServerDefinition = {
  name: 'mosquitto',
  title: 'Mosquitto',
  defaultPorts: [1883],
  obtain: async () => `Mosquitto ${await packageVersion((await debianProgram(packages)).tree, 'mosquitto')}`,
  answers: (port) => speaks(port, mqttProbe),
  processes: async ({ folder, ports: [port = 0] }) => {
    const { tree, env } = await debianProgram(packages);
    await mkdir(folder, { recursive: true });
    const config = join(folder, 'mosquitto.conf');
    await writeFile(config, mosquittoConfig(port, folder));
    return [
      {
        spec: {
          name: 'mosquitto',
          command: join(tree, 'usr/sbin/mosquitto'),
          args: ['-c', config],
          cwd: folder,
          env,
          stopTimeoutMs,
        },
        isReady: () => speaks(port, mqttProbe),
      },
    ];
  },
};
