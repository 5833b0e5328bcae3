import { describe, expect, test } from '@jest/globals';
import { parseProcessStat } from './process-stat.js';

describe("a process's line in /proc", () => {
  test('is parsed after the process name, even when the name looks like fields, and includes ended children', () => {
    const line = '42 (odd) S 1 (x) S 7 42 42 0 -1 4194560 10 20 30 40 1 2 3 4 20 0 1 0 99 1000 100';
    expect(parseProcessStat(line)).toEqual({ pid: 42, parent: 7, ms: 100 });
  });
});
