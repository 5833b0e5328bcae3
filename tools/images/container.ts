import { readFile, readlink } from 'node:fs/promises';
import { waitUntil } from '../local/wait-until.js';
import type { Podman } from './podman.js';

/** A container that was started, and can be looked at from outside: there may be nothing in it to look with. */
export type Container = {
  name: string;
  /** Its first process, as this machine sees it. Rejects when there is none any more. */
  process: () => Promise<ContainerProcess>;
  /** Sends a signal to the first process and does not wait. */
  signal: (name: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  /** Resolves to the exit code when it has ended. Rejects after `timeoutMs`. */
  ended: (timeoutMs: number) => Promise<number>;
  /** Starts it once more, as it was. */
  startAgain: () => Promise<void>;
  logs: () => Promise<string>;
};

export type ContainerProcess = {
  /** The program, as the container names it. */
  program: string;
  /** Its number inside. */
  pid: number;
  user: number;
  group: number;
  /** What it may do beyond what every user may, as Linux writes it: none is zero. */
  capabilities: string;
  mayGainPrivileges: boolean;
  rootIsReadOnly: boolean;
  /** The memory that is its own or shared with others, in bytes. */
  residentBytes: number;
};

export type ContainerSettings = {
  name: string;
  image: string;
  /** podman's arguments, before the image. */
  options: readonly string[];
  /** What is run, where it is not what the image says. */
  command?: { program: string; args: readonly string[] };
  env: Readonly<Record<string, string>>;
  memoryLimit?: string;
};

/** As a pod is to be run: no rights, and nothing to write to but what is mounted. */
const restricted = [
  ...['--read-only', '--read-only-tmpfs=false'],
  ...['--cap-drop', 'all', '--security-opt', 'no-new-privileges'],
  '--pull=never',
];

export async function runContainer(
  podman: Podman,
  { name, image, options, command, env, memoryLimit }: ContainerSettings,
): Promise<Container> {
  await podman.run([
    ...['run', '--detach', '--name', name, ...restricted],
    ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...(memoryLimit === undefined ? [] : ['--memory', memoryLimit]),
    ...(command === undefined ? [] : ['--entrypoint', JSON.stringify([command.program])]),
    ...options,
    image,
    ...(command?.args ?? []),
  ]);
  return {
    name,
    process: () => firstProcess(podman, name),
    signal: async (signal) => {
      await podman.run(['kill', '--signal', signal, name]);
    },
    ended: (timeoutMs) => endOf(podman, name, timeoutMs),
    startAgain: async () => {
      await podman.run(['start', name]);
    },
    logs: () => logsOf(podman, name),
  };
}

/** Asks again and again: `podman wait` of 4.3 waits 20 s longer where nothing cleans up after containers. */
async function endOf(podman: Podman, name: string, timeoutMs: number): Promise<number> {
  let code = '';
  await waitUntil(async () => {
    const answer = await podman.run(['inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', name]);
    const [status = '', exitCode = ''] = answer.trim().split(' ');
    code = exitCode;
    return ['stopped', 'exited'].includes(status) || `${name} is ${status}`;
  }, timeoutMs);
  return Number(code);
}

/** Both streams: podman keeps them apart. */
async function logsOf(podman: Podman, name: string): Promise<string> {
  const file = await podman.run(['inspect', '--format', '{{.HostConfig.LogConfig.Path}}', name]);
  return readFile(file.trim(), 'utf8');
}

async function firstProcess(podman: Podman, name: string): Promise<ContainerProcess> {
  const pid = (await podman.run(['inspect', '--format', '{{.State.Pid}}', name])).trim();
  const folder = `/proc/${pid}`;
  const status = new Map(
    (await readFile(`${folder}/status`, 'utf8'))
      .split('\n')
      .map((line) => line.split(/:\s*/, 2) as [string, string]),
  );
  const numbers = (key: string): number[] => (status.get(key) ?? '').split(/\s+/).map(Number);
  const mounts = (await readFile(`${folder}/mountinfo`, 'utf8')).split('\n').map((line) => line.split(' '));
  const options = mounts.find(([, , , , place]) => place === '/')?.[5] ?? '';
  return {
    program: await readlink(`${folder}/exe`),
    pid: numbers('NSpid').at(-1) ?? 0,
    user: Math.min(...numbers('Uid')),
    group: Math.min(...numbers('Gid')),
    capabilities: ['CapEff', 'CapPrm', 'CapBnd'].map((key) => status.get(key)).join(' '),
    mayGainPrivileges: status.get('NoNewPrivs') !== '1',
    rootIsReadOnly: options.split(',').includes('ro'),
    residentBytes: (numbers('VmRSS')[0] ?? 0) * 1_024,
  };
}
