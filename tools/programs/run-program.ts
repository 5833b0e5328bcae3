import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { killOnExit } from './children-on-exit.js';

/** Programs usually print the reason of a failure last. */
const linesInError = 15;

export type ProgramOptions = {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Kills the program after this time. By default, the time is not limited. */
  timeoutMs?: number;
  /** The standard input. The default is empty. */
  input?: string;
  /** Called with each line of standard error. */
  onProgressLine?: (line: string) => void;
};

/**
 * Runs a program and resolves to its standard output. Rejects if it cannot be started, takes too long or ends with a code other
 * than 0. The cause of the error contains the last lines of standard error.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { cwd, env, timeoutMs } = options;
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
  });
  // spawn's own `timeout` would keep this process alive if the program does not exist.
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const stopKillingOnExit = child.pid === undefined ? () => undefined : killOnExit(child.pid, 'process');
  // A program may end without reading everything. Its exit code decides.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const output: Buffer[] = [];
  const errorLines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  createInterface({ input: child.stderr, crlfDelay: Infinity }).on('line', (line) => {
    errorLines.push(line);
    options.onProgressLine?.(line);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error([describeEnd(code, signal), ...errorLines.slice(-linesInError)].join('\n')));
      });
    });
  } catch (error) {
    throw new Error(`${program} ${args[0] ?? ''}`.trim(), { cause: error });
  } finally {
    clearTimeout(timer);
    stopKillingOnExit();
  }
  return Buffer.concat(output).toString('utf8');
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return code === null ? `ended by ${signal ?? 'an unknown signal'}` : `ended with code ${code}`;
}

/**
 * The command line for a program that refuses to run as root. As root, runs it in a user namespace with another user id; its files
 * still belong to root. The program keeps its process id.
 */
export function asUnprivileged(command: readonly [string, ...string[]]): [string, ...string[]] {
  if (process.getuid?.() !== 0) return [...command];
  return ['unshare', '--user', '--map-user=1000', '--map-group=1000', ...command];
}
