import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { killOnExit } from './children-on-exit.js';

/** A compiler's complaint is at the end of its output. */
const linesInError = 15;

export type ProgramOptions = {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Ends it with SIGKILL after this long; without it there is no limit. */
  timeoutMs?: number;
  /** What it reads from standard input; without it there is nothing to read. */
  input?: string;
  /** Hears each line of standard error as it comes. */
  onProgressLine?: (line: string) => void;
};

/**
 * Runs a program to its end and resolves to its standard output. Rejects when it cannot be started, takes too long or
 * ends with another code than 0; the message holds the last lines it wrote to standard error.
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
  // Not spawn's own `timeout`: its timer stays, and keeps this process alive, when the program does not exist.
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const forget = child.pid === undefined ? () => undefined : killOnExit(child.pid, 'process');
  // One that ends without having read everything is judged by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const output: Buffer[] = [];
  const complaints: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  createInterface({ input: child.stderr, crlfDelay: Infinity }).on('line', (line) => {
    complaints.push(line);
    options.onProgressLine?.(line);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error([endOf(code, signal), ...complaints.slice(-linesInError)].join('\n')));
      });
    });
  } catch (error) {
    throw new Error(`${program} ${args[0] ?? ''}`.trim(), { cause: error });
  } finally {
    clearTimeout(timer);
    forget();
  }
  return Buffer.concat(output).toString('utf8');
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  return code === null ? `ended by ${signal ?? 'an unknown signal'}` : `ended with code ${code}`;
}
