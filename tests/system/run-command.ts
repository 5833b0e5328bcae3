import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { isListening, projectRoot, readRunFile, waitUntil } from '@unity-purchase/tools';

/** How long a leftover command may take to exit after an interrupt. */
const stopTimeoutMs = 30_000;

/** A running command with its output. Disposing of it interrupts it. */
export type CommandRun = AsyncDisposable & {
  child: ChildProcess;
  /** The output of both streams so far. */
  output: () => string;
  /** Resolves when all output has arrived: with the exit code, or null after a signal. */
  exited: Promise<number | null>;
  /** Sends Ctrl-C as a terminal does: to the whole process group. */
  interrupt: () => void;
};

/** The environment of a terminal: without what Jest adds. */
export function terminalEnv(): NodeJS.ProcessEnv {
  const { JEST_WORKER_ID: _ofJest, ...env } = process.env;
  if (env['NODE_ENV'] === 'test') delete env['NODE_ENV'];
  return env;
}

/** Runs a command in its own process group, by default in the project root with a terminal's environment. */
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
    // After it has ended, its process id may belong to another process.
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

/** Every port in the run file: services, sidecars and sidecar metrics. */
export async function runFilePorts(): Promise<number[]> {
  const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
  return apps.flatMap((app) => [app.appPort, app.daprHttpPort, app.daprGrpcPort, app.metricsPort]);
}

/** Rejects, naming all taken ports, when something listens on any of these. */
export async function requireFree(ports: readonly number[]): Promise<void> {
  const taken = await takenOf(ports);
  if (taken.length > 0)
    throw new Error(`the test needs ports on which something listens already: ${taken.join(', ')}`);
}

/** Resolves when nothing listens on these ports any more. */
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
