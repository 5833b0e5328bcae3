import { readFile, readlink } from 'node:fs/promises';
import { waitUntil } from '../local/wait-until.js';
import type { Podman } from './podman.js';

/** A running container. It is inspected from outside, because it may contain no tools. */
export type Container = {
  name: string;
  /** Describes its first process. Rejects if it has ended. */
  process: () => Promise<ContainerProcess>;
  /** Sends a signal to the first process without waiting for its effect. */
  signal: (name: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  /** Resolves to the exit code once the container has ended. Rejects after `timeoutMs`. */
  ended: (timeoutMs: number) => Promise<number>;
  /** Starts it again with the same settings. */
  startAgain: () => Promise<void>;
  logs: () => Promise<string>;
};

export type ContainerProcess = {
  /** The path of the program inside the container. */
  program: string;
  /** Its process id inside the container. */
  pid: number;
  user: number;
  group: number;
  /** Its effective, permitted and bounding capabilities, in Linux's hexadecimal notation. Zero means none. */
  capabilities: string;
  mayGainPrivileges: boolean;
  rootIsReadOnly: boolean;
  /** The resident memory, including shared memory, in bytes. */
  residentBytes: number;
};

export type ContainerSettings = {
  name: string;
  image: string;
  /** podman's arguments, before the image. */
  options: readonly string[];
  /** Replaces the command of the image. */
  command?: { program: string; args: readonly string[] };
  env: Readonly<Record<string, string>>;
  memoryLimit?: string;
};

/** The restrictions of our pods: no capabilities, and a read-only file system except for mounts. */
const restrictions = [
  '--read-only',
  '--read-only-tmpfs=false',
  '--cap-drop=all',
  '--security-opt=no-new-privileges',
  '--pull=never',
];

/** Starts a container with the restrictions of our pods. */
export async function runContainer(
  podman: Podman,
  { name, image, options, command, env, memoryLimit }: ContainerSettings,
): Promise<Container> {
  await podman.run([
    'run',
    '--detach',
    '--name',
    name,
    ...restrictions,
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
    ended: (timeoutMs) => waitForEnd(podman, name, timeoutMs),
    startAgain: async () => {
      await podman.run(['start', name]);
    },
    logs: () => logsOf(podman, name),
  };
}

/** Polls, because `podman wait` 4.3 takes 20 s longer without a process that cleans up containers. */
async function waitForEnd(podman: Podman, name: string, timeoutMs: number): Promise<number> {
  let code = '';
  await waitUntil(async () => {
    const answer = await podman.run(['inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', name]);
    const [status = '', exitCode = ''] = answer.trim().split(' ');
    code = exitCode;
    return ['stopped', 'exited'].includes(status) || `${name} is ${status}`;
  }, timeoutMs);
  return Number(code);
}

/** Reads the log file, which contains both output streams. podman would print them separately. */
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
  const options = mounts.find(([, , , , mountPoint]) => mountPoint === '/')?.[5] ?? '';
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
