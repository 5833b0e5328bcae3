import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { killOnExit } from './children-on-exit.js';

/**
 * Runs a program in this process's terminal. Resolves to its exit code, or to 128 + n if signal n ended it. Forwards signals to the
 * program, and sends SIGTERM when `signal` is aborted. Rejects if the program cannot be started.
 */
export async function runInForeground(
  program: string,
  args: readonly string[],
  { signal: abortSignal, ...options }: { cwd: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal },
): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', ...options });
  abortSignal?.addEventListener('abort', () => child.kill('SIGTERM'));
  const stopKillingOnExit = child.pid === undefined ? () => undefined : killOnExit(child.pid, 'process');
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
    stopKillingOnExit();
  }
}
