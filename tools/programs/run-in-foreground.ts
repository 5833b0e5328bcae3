import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { killOnExit } from './children-on-exit.js';

/**
 * Runs a program with this process's terminal and resolves to its exit code, 128 + n when signal n ended it. Signals are
 * passed on, and this process stays until the program has ended. Aborting `signal` ends it with SIGTERM. Rejects when it
 * cannot be started.
 */
export async function runInForeground(
  program: string,
  args: readonly string[],
  { signal: wish, ...options }: { cwd: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal },
): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', ...options });
  wish?.addEventListener('abort', () => child.kill('SIGTERM'));
  const forget = child.pid === undefined ? () => undefined : killOnExit(child.pid, 'process');
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.on('SIGINT', forward);
  process.on('SIGTERM', forward);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number, null] | [null, NodeJS.Signals];
    return code ?? 128 + constants.signals[signal];
  } finally {
    process.off('SIGINT', forward);
    process.off('SIGTERM', forward);
    forget();
  }
}
