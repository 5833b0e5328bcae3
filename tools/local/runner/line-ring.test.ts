import { describe, expect, test } from '@jest/globals';
import { createLineRing } from './line-ring.js';

describe('line ring', () => {
  test('stores the newest lines up to its limit', () => {
    const ring = createLineRing(3);
    for (let line = 1; line <= 20; line += 1) ring.push(`line ${line}`);
    expect(ring.lines()).toEqual(['line 18', 'line 19', 'line 20']);
  });

  test('returns the last lines in the order in which they were written', () => {
    const ring = createLineRing(5);
    for (const line of ['a', 'b', 'c']) ring.push(line);
    expect(ring.lines(2)).toEqual(['b', 'c']);
  });
});
