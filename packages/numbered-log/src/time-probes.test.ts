import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { timeProbes } from './time-probes.js';

/** A log whose segment `number` was recorded at `number * 10`. */
const even = (number: number) => number * 10;

describe('timeProbes', () => {
  test('hits both neighbours of a time in a log that grew evenly, however long it is', () => {
    for (const length of [1_000, 1_000_000, 40_000_000]) {
      const number = Math.floor(length / 3);
      expect(timeProbes({ before: 1, notBefore: length }, [even(number) + 5], even, 4)).toEqual(
        expect.arrayContaining([number, number + 1]),
      );
    }
  });

  test('spreads all probes evenly if it does not know when the bounds were recorded', () => {
    expect(timeProbes({ before: 0, notBefore: 100 }, [500], () => undefined, 4)).toEqual([20, 40, 60, 80]);
  });

  test('are ascending, different, between the bounds, few, and never none', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000 }),
        fc.integer({ min: 2, max: 1_000_000 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 36 }),
        fc.integer({ min: 1, max: 119 }),
        (before, length, shares, perTime) => {
          const bounds = { before, notBefore: before + length };
          const times = shares.map((share) => even(before) + share * 10 * length);
          const probes = timeProbes(bounds, times, even, perTime);
          expect(probes).toEqual([...new Set(probes)].sort((one, other) => one - other));
          expect(probes.every((number) => number > before && number < before + length)).toBe(true);
          expect(probes.length).toBeGreaterThan(0);
          expect(probes.length).toBeLessThanOrEqual(times.length * perTime);
        },
      ),
    );
  });
});
