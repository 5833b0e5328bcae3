import { readMetric } from '../system/prometheus.js';
import { repeatedly } from '../system/repeat.js';

const intervalMs = 500;

/** Sums a counter over processes that restart, which resets the counter to zero. */
export type CounterWatch = AsyncDisposable & {
  /** The sum, except for increments in the last moment before a process was killed. */
  total: () => number;
};

/** Polls the counter of every process that `urls` returns. */
export function watchCounter(name: string, urls: () => readonly string[]): CounterWatch {
  const last = new Map<string, number>();
  let total = 0;
  const look = async (url: string): Promise<void> => {
    const value = await readMetric(`${url}/metrics`, name).catch(() => undefined);
    if (value === undefined) return;
    const before = last.get(url) ?? 0;
    total += value >= before ? value - before : value;
    last.set(url, value);
  };
  const lookAtAll = () => Promise.all(urls().map(look));
  const watch = repeatedly(lookAtAll, intervalMs);
  return {
    total: () => total,
    [Symbol.asyncDispose]: async () => {
      await watch[Symbol.asyncDispose]();
      await lookAtAll();
    },
  };
}
