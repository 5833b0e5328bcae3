import { describe, expect, test } from '@jest/globals';
import { figureOf, median, percentile, ratioOf } from './statistics.js';

describe('the median', () => {
  test('of an odd number of values is the middle one', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  test('of an even number of values is the mean of the two middle ones', () => {
    expect(median([8, 1, 2, 4])).toBe(3);
  });

  test('of no values throws', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a percentile', () => {
  const hundred = Array.from({ length: 101 }, (_, index) => 100 - index);

  test.each([
    [0, 0],
    [50, 50],
    [99, 99],
    [100, 100],
  ])('of the numbers from 0 to 100, at %d percent: is %d', (percent, expected) => {
    expect(percentile(hundred, percent)).toBe(expected);
  });

  test('between two values is interpolated', () => {
    expect(percentile([10, 20], 25)).toBe(12.5);
  });

  test('sorts values as numbers, not as text', () => {
    expect(percentile([10, 9, 100], 100)).toBe(100);
  });
});

describe('a figure', () => {
  test('of several rounds holds their median, minimum and maximum', () => {
    expect(figureOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  });
});

describe('a ratio', () => {
  test('of two series compares their medians and gives the range of the paired rounds', () => {
    expect(ratioOf([10, 30, 20], [40, 40, 50])).toEqual({ median: 0.5, min: 0.25, max: 0.75 });
  });
});
