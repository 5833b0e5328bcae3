import { readMetric } from '../system/prometheus.js';
import { repeatedly } from '../system/repeat.js';

const intervalMs = 500;

/** Adds up a counter of processes that come and go: one that starts again counts from nothing. */
export type CounterWatch = AsyncDisposable & {
  /** All that was counted, but for what came in the last moment before a process was killed. */
  total: () => number;
};

/** Watches a counter of every process whose address `urls` gives, by turns. */
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
