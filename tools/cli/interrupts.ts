import { errorText } from '../programs/error-text.js';
import { exitCodes } from './exit-codes.js';

/**
 * One Ctrl-C arrives several times: from the terminal, from npm and from the bootstrap, which both pass it on. Signals within
 * this time after the first count as the same one.
 */
const sameInterruptMs = 1_000;

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Calls `first` at the first SIGINT or SIGTERM, and `second` at each later one. Returns the function that stops listening. */
export function onInterrupts(
  handlers: { first: () => void; second: () => void },
  source: Pick<NodeJS.EventEmitter, 'on' | 'off'> = process,
  now: () => number = () => performance.now(),
): () => void {
  let firstAt: number | undefined;
  const onSignal = (): void => {
    if (firstAt === undefined) {
      firstAt = now();
      handlers.first();
    } else if (now() - firstAt >= sameInterruptMs) handlers.second();
  };
  for (const signal of signals) source.on(signal, onSignal);
  return () => {
    for (const signal of signals) source.off(signal, onSignal);
  };
}

/** Returns a signal that aborts at the first interrupt, with a message. The second interrupt kills everything. */
export function stopOnInterrupts(): AbortSignal {
  const stopRequest = new AbortController();
  onInterrupts({
    first: () => {
      console.log('Stopping. Press Ctrl-C again to kill everything immediately.');
      stopRequest.abort();
    },
    second: exitInterrupted,
  });
  return stopRequest.signal;
}

/**
 * Reads the arguments of a long-running command, runs it and resolves to its exit code: 64 when `read` throws, 130 after an
 * interrupt, 1 when `run` rejects otherwise. It prints the message of an error.
 */
export async function runInterruptibly<Request>(
  read: () => Request,
  run: (request: Request, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  let request: Request;
  try {
    request = read();
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.usageError;
  }
  const signal = stopOnInterrupts();
  try {
    await run(request, signal);
    return 0;
  } catch (error) {
    if (signal.aborted) return exitCodes.interrupted;
    console.error(errorText(error));
    return exitCodes.failed;
  }
}

/** Ends this process immediately, and with it every process that it started. */
export function exitInterrupted(): never {
  process.exit(exitCodes.interrupted);
}

/**
 * Runs work that can be abandoned at any moment: an interrupt ends this process and every process that it started. Without
 * this, a signal would end only this process, and a build would continue in the background.
 */
export async function exitingOnInterrupts<T>(work: () => Promise<T>): Promise<T> {
  const stopListening = onInterrupts({ first: exitInterrupted, second: exitInterrupted });
  try {
    return await work();
  } finally {
    stopListening();
  }
}
