import { describe, expect, test } from '@jest/globals';
import { waitUntil } from './wait-until.js';

describe('waiting until', () => {
  test('a condition holds ends as soon as it does', async () => {
    let asked = 0;
    await waitUntil(() => (asked += 1) === 3 || 'not yet', 10_000);
    expect(asked).toBe(3);
  });

  test('a condition that never holds ends at the deadline with what was missing last', async () => {
    let asked = 0;
    const waiting = waitUntil(() => `missing ${(asked += 1)}`, 120);
    await expect(waiting).rejects.toThrow(/^after 120 ms: missing [2-9]/);
  });

  test('a condition that throws ends it at once', async () => {
    const waiting = waitUntil(() => Promise.reject(new Error('it is gone')), 3_600_000);
    await expect(waiting).rejects.toThrow('it is gone');
  });
});
