import { RecentMap } from '@unity-purchase/service-kit';
import type { ClientRateLimitInfo, Store } from 'express-rate-limit';

/** More clients than a process serves in a minute. Their counts take about 5 MB. */
const clientsMax = 20_000;

/**
 * Counts the requests of clients in windows of time. The library's own store keeps a count of every client of the window, and a
 * client with many addresses or names decides how many those are. This one forgets those whose last request is oldest.
 */
export function recentHits(windowMs: number, max = clientsMax): Store {
  const counts = new RecentMap<string, ClientRateLimitInfo & { resetTime: Date }>(max);
  const current = (key: string) => {
    const count = counts.get(key);
    return count !== undefined && count.resetTime.getTime() > Date.now() ? count : undefined;
  };
  return {
    localKeys: true,
    get: current,
    increment: (key) => {
      const { totalHits, resetTime } = current(key) ?? {
        totalHits: 0,
        resetTime: new Date(Date.now() + windowMs),
      };
      const count = { totalHits: totalHits + 1, resetTime };
      counts.set(key, count);
      return count;
    },
    decrement: (key) => {
      const count = current(key);
      if (count !== undefined && count.totalHits > 0)
        counts.set(key, { ...count, totalHits: count.totalHits - 1 });
    },
    resetKey: (key) => {
      counts.delete(key);
    },
    resetAll: () => {
      counts.clear();
    },
  };
}
