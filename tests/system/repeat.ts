import { setTimeout as delay } from 'node:timers/promises';

/** Does something over and over, with a pause between, until it is disposed of; that resolves when nothing is under way. */
export function repeatedly(work: () => Promise<unknown>, pauseMs: number): AsyncDisposable {
  let isOver = false;
  const repeat = async (): Promise<void> => {
    while (!isOver) {
      await work();
      await delay(pauseMs);
    }
  };
  const repeated = repeat();
  return {
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await repeated;
    },
  };
}
