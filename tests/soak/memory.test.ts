import { describe, expect, test } from '@jest/globals';
import { appIds } from '@unity-purchase/contracts';
import { growthIn, isLeak } from './memory.js';

const samples = (storefront: readonly number[], purchaseService: readonly number[]) =>
  storefront.flatMap((rssBytes, index) => [
    { service: appIds.storefront, rssBytes, openFiles: 20 },
    { service: appIds.purchaseService, rssBytes: purchaseService[index] ?? 0, openFiles: 20 },
  ]);

const flat = [60, 90, 100, 102, 99, 103, 101, 98];
const growing = [60, 90, 100, 110, 120, 130, 140, 150];

describe('the growth of memory', () => {
  test('ignores how caches fill and what garbage collection moves', () => {
    const [storefront, purchaseService] = growthIn(samples(flat, flat));
    expect([storefront, purchaseService].map((growth) => growth && isLeak(growth))).toEqual([false, false]);
  });

  test('is a leak in the service that keeps growing', () => {
    const found = growthIn(samples(flat, growing)).filter(isLeak);
    expect(found.map(({ service }) => service)).toEqual([appIds.purchaseService]);
  });

  test('cannot be told from three samples', () => {
    expect(() => growthIn(samples([1, 2, 3], [1, 2, 3]))).toThrow('storefront has 3 samples; 4 are needed');
  });
});
