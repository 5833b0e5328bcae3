import { setTimeout as delay } from 'node:timers/promises';

/** Repeats work with a pause in between until it is disposed of. Disposing waits for the work in progress. */
export function repeatedly(work: () => Promise<unknown>, pauseMs: number): AsyncDisposable {
  let isStopped = false;
  const repeat = async (): Promise<void> => {
    while (!isStopped) {
      await work();
      await delay(pauseMs);
    }
  };
  const repeated = repeat();
  return {
    [Symbol.asyncDispose]: async () => {
      isStopped = true;
      await repeated;
    },
  };
}
