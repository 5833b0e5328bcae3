import { describe, expect, test } from '@jest/globals';
import { shrink } from './shrink.js';

const noise = Array.from({ length: 500 }, (_, index) => (index * 7) % 11);

describe('shrinking', () => {
  test('keeps only what breaks the promise', async () => {
    const breaks = (list: readonly number[]) =>
      Promise.resolve(list.filter((choice) => choice >= 9).length >= 2);
    expect(await shrink(noise, breaks, () => true)).toEqual([9, 9]);
  });

  test('prefers smaller choices', async () => {
    const breaks = (list: readonly number[]) => Promise.resolve((list[3] ?? 0) >= 2);
    expect(await shrink([5, 5, 5, 8, 5], breaks, () => true)).toEqual([0, 0, 0, 2]);
  });

  test('ends after the given number of schedules', async () => {
    let tries = 0;
    const breaks = () => {
      tries += 1;
      return Promise.resolve(true);
    };
    await shrink(noise, breaks, (count) => count < 5);
    expect(tries).toBeLessThanOrEqual(5);
  });
});
