import { errorText } from '../programs/error-text.js';
import { exitCodes } from './exit-codes.js';

/**
 * One Ctrl-C arrives several times: from the terminal, from npm, which passes it on, and from the bootstrap. What comes
 * within this time of the first is the same one.
 */
const sameInterruptMs = 1_000;

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Calls `first` when a person or a supervisor wants an end, and `second` when they ask again because they do not want to
 * wait for it. Returns the function that stops listening.
 */
export function onInterrupts(
  handlers: { first: () => void; second: () => void },
  source: Pick<NodeJS.EventEmitter, 'on' | 'off'> = process,
  now: () => number = () => performance.now(),
): () => void {
  let firstAt: number | undefined;
  const hear = (): void => {
    if (firstAt === undefined) {
      firstAt = now();
      handlers.first();
    } else if (now() - firstAt >= sameInterruptMs) handlers.second();
  };
  for (const signal of signals) source.on(signal, hear);
  return () => {
    for (const signal of signals) source.off(signal, hear);
  };
}

/**
 * A signal that is aborted, with a word to the person, when they want an end; when they ask again, everything is killed at
 * once.
 */
export function stopOnInterrupts(): AbortSignal {
  const stopAsked = new AbortController();
  onInterrupts({
    first: () => {
      console.log('Stopping; press Ctrl-C again to kill everything at once.');
      stopAsked.abort();
    },
    second: exitInterrupted,
  });
  return stopAsked.signal;
}

/**
 * Runs something long from its flags to its exit code: 64 with a message for flags that `read` throws for, 130 when it was
 * interrupted, and 1 with the message of whatever else it rejects with.
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

/** Ends this process at once, and with it every process that it started. */
export function exitInterrupted(): never {
  process.exit(exitCodes.interrupted);
}

/**
 * Runs work that may be dropped at any moment: an interrupt ends this process with what it started, instead of waiting.
 * Without it a signal would end this process alone, and a build would go on behind its back.
 */
export async function exitingOnInterrupts<T>(work: () => Promise<T>): Promise<T> {
  const stopListening = onInterrupts({ first: exitInterrupted, second: exitInterrupted });
  try {
    return await work();
  } finally {
    stopListening();
  }
}
