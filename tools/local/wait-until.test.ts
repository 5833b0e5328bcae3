import { describe, expect, test } from '@jest/globals';
import { waitUntil } from './wait-until.js';

describe('waitUntil', () => {
  test('resolves as soon as the condition returns true', async () => {
    let checks = 0;
    await waitUntil(() => (checks += 1) === 3 || 'not yet', 10_000);
    expect(checks).toBe(3);
  });

  test('rejects at the deadline with what was missing last', async () => {
    let checks = 0;
    const waiting = waitUntil(() => `missing ${(checks += 1)}`, 120);
    await expect(waiting).rejects.toThrow(/^after 120 ms: missing [2-9]/);
  });

  test('rejects at once when the condition throws', async () => {
    const waiting = waitUntil(() => Promise.reject(new Error('it is gone')), 3_600_000);
    await expect(waiting).rejects.toThrow('it is gone');
  });
});
