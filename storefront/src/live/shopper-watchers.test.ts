import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { HistoryPage } from '@unity-purchase/contracts';
import { ShopperWatchers } from './shopper-watchers.js';

const page: HistoryPage = { purchases: [], totals: { count: 0, sums: {} } };

/** Notifies without a pause until the history was read this often, for five seconds at most. Returns how often it was. */
async function readsWhileNotified(watchers: ShopperWatchers, reads: () => number, enough: number) {
  const endMs = performance.now() + 5_000;
  while (reads() < enough && performance.now() < endMs) {
    watchers.notify('ada');
    await wait(1);
  }
  return reads();
}

describe('while a history changes all the time', () => {
  test('it is read after each first delay', async () => {
    let reads = 0;
    const read = () => {
      reads += 1;
      return Promise.resolve(page);
    };
    const watchers = new ShopperWatchers(read, { firstMs: 20, lastMs: 10_000, factor: 1_000 });
    const stop = watchers.watch('ada', () => undefined);
    expect(await readsWhileNotified(watchers, () => reads, 3)).toBe(3);
    stop();
  });
});

describe('a change', () => {
  test('makes a history be read soon that would be read much later', async () => {
    let reads = 0;
    const seen: (() => void)[] = [];
    const read = () => {
      reads += 1;
      seen.shift()?.();
      return Promise.resolve(page);
    };
    const next = () => new Promise<void>((resolve) => seen.push(resolve));
    const watchers = new ShopperWatchers(read, { firstMs: 5, lastMs: 3_600_000, factor: 1_000_000 });
    const first = next();
    const stop = watchers.watch('ada', () => undefined);
    await first;
    const second = next();
    // Only once the long delay has begun.
    await new Promise(setImmediate);
    watchers.notify('ada');
    await second;
    expect(reads).toBe(2);
    stop();
  });
});
