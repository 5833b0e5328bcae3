import { failureText, type ProcessFailure } from './supervised-process.js';

/** Rejects with what there is to say of a process that died, and never resolves. */
export async function rejectOnFailure(failed: Promise<ProcessFailure>): Promise<never> {
  throw new Error(failureText(await failed));
}

/** Rejects with a message when the signal is given, or has been; never resolves. */
export async function rejectOnAbort(signal: AbortSignal | undefined, message: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    const giveUp = (): void => {
      reject(new Error(message));
    };
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}
