import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { isListening, projectRoot, readRunFile, waitUntil } from '@unity-purchase/tools';

/** How long a command that a test has left behind may take to end by itself. */
const stopTimeoutMs = 30_000;

/** A run of a command, with everything it printed. Disposing of it interrupts what still runs. */
export type CommandRun = AsyncDisposable & {
  child: ChildProcess;
  /** Both streams so far. */
  output: () => string;
  /** Resolves, when all of the output is there, with the exit code, or with null when a signal ended it. */
  exited: Promise<number | null>;
  /** Ctrl-C as a terminal sends it: to everybody in the foreground. */
  interrupt: () => void;
};

/** The environment without what Jest adds: a command is to find what a person's terminal would give it. */
export function terminalEnv(): NodeJS.ProcessEnv {
  const { JEST_WORKER_ID: _ofJest, ...env } = process.env;
  if (env['NODE_ENV'] === 'test') delete env['NODE_ENV'];
  return env;
}

/** Runs a command in a process group of its own, by default in the root of the project and as in a terminal. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): CommandRun {
  const { cwd = projectRoot, env = terminalEnv() } = options;
  const child: ChildProcess = spawn(command, args, { cwd, env, detached: true });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const signal = (name: NodeJS.Signals) => {
    // Its number may belong to somebody else afterwards.
    if (child.pid !== undefined && !hasEnded()) process.kill(-child.pid, name);
  };
  return {
    child,
    output: () => output,
    exited,
    interrupt: () => {
      signal('SIGINT');
    },
    [Symbol.asyncDispose]: async () => {
      signal('SIGINT');
      await waitUntil(() => hasEnded() || `${command} still runs`, stopTimeoutMs).catch(() => {
        signal('SIGKILL');
      });
    },
  };
}

/** Every port in the project's run file: of the services, of their sidecars and of the sidecars' metrics. */
export async function runFilePorts(): Promise<number[]> {
  const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
  return apps.flatMap((app) => [app.appPort, app.daprHttpPort, app.daprGrpcPort, app.metricsPort]);
}

/** Rejects when something listens on one of these ports of this machine, naming all that are taken. */
export async function requireFree(ports: readonly number[]): Promise<void> {
  const taken = await takenOf(ports);
  if (taken.length > 0)
    throw new Error(`the test needs ports on which something listens already: ${taken.join(', ')}`);
}

/** Resolves when nothing listens on these ports of this machine any more. */
export async function waitUntilFree(ports: readonly number[], timeoutMs: number): Promise<void> {
  await waitUntil(async () => {
    const taken = await takenOf(ports);
    return taken.length === 0 || `something still listens on ${taken.join(', ')}`;
  }, timeoutMs);
}

async function takenOf(ports: readonly number[]): Promise<number[]> {
  const answers = await Promise.all(ports.map((port) => isListening(port)));
  return ports.filter((_, index) => answers[index]);
}
