import { describe, expect, test } from '@jest/globals';
import { createLineRing } from './line-ring.js';

describe('line ring', () => {
  test('holds at most its limit, also after many more lines, and the newest of them', () => {
    const ring = createLineRing(3);
    for (let line = 1; line <= 20; line += 1) ring.push(`line ${line}`);
    expect(ring.lines()).toEqual(['line 18', 'line 19', 'line 20']);
  });

  test('the last lines asked for come in the order they were written', () => {
    const ring = createLineRing(5);
    for (const line of ['a', 'b', 'c']) ring.push(line);
    expect(ring.lines(2)).toEqual(['b', 'c']);
  });
});
