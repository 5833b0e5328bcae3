import { describe, expect, test } from '@jest/globals';
import { anEntry, log, seedLog, startMs, testLogs } from '../test/fakes/test-logs.js';

const dayMs = 24 * 3_600_000;

describe('the totals at times', () => {
  test.each([1, 16, 17, 300])('are right before, in and after a log of %i entries', async (count) => {
    const { store, open } = testLogs();
    seedLog(
      store,
      Array.from({ length: count }, (_, index) => startMs + index * dayMs),
    );
    for (const day of [-1, 0, 0.5, 1, 2, count / 2, count - 1, count, count + 1]) {
      const { before, all } = await open().totalsAt(log, [startMs + day * dayMs]);
      expect([before[0]?.count, all.count]).toEqual([Math.min(count, Math.max(0, Math.ceil(day))), count]);
    }
  });

  test('take one call in a warm process if all times are before the log, however long it is', async () => {
    const { store, open } = testLogs();
    seedLog(
      store,
      Array.from({ length: 5000 }, (_, index) => startMs + index),
    );
    const logs = open();
    await logs.page(log, 1);
    const times = Array.from({ length: 12 }, (_, month) => startMs - month * 30 * dayMs);
    const calls = await store.callsDuring(async () => {
      expect((await logs.totalsAt(log, times)).before.every(({ count }) => count === 0)).toBe(true);
    });
    expect(calls).toHaveLength(1);
  });
});

describe('the count after a position', () => {
  test.each([1, 16, 300])('is exact in a log of %i entries, also up to a time', async (count) => {
    const { store, open } = testLogs();
    seedLog(
      store,
      Array.from({ length: count }, (_, index) => startMs + index * dayMs),
    );
    for (const done of [0, 1, Math.floor(count / 2), count]) {
      const position = { segment: done, index: done === 0 ? 0 : 1 };
      expect(await open().countAfter(log, position)).toBe(count - done);
      const untilMs = startMs + (count - 1) * dayMs;
      expect(await open().countAfter(log, position, untilMs)).toBe(Math.max(0, count - 1 - done));
    }
  });

  test('counts the rest of a segment with several entries', async () => {
    const { logs } = testLogs();
    await Promise.all(Array.from({ length: 5 }, () => logs.append(log, anEntry())));
    const { items } = await logs.page(log, 5);
    const left = await Promise.all(items.map(({ position }) => logs.countAfter(log, position)));
    expect(left).toEqual([1, 2, 3, 4, 5]);
  });
});

test('an empty log takes one call, whatever is asked of it', async () => {
  const { store, logs } = testLogs();
  const calls = await store.callsDuring(async () => {
    expect((await logs.totalsAt(log, [startMs])).all.count).toBe(0);
    expect(await logs.positionAt(log, startMs)).toEqual({ segment: 0, index: 0 });
    expect(await logs.find(log, 'missing', startMs)).toBeUndefined();
    const query = { matches: () => true, createdAtMs: startMs, readsMax: 5 };
    expect(await logs.search(log, query)).toMatchObject({ found: [], isComplete: true });
  });
  expect(calls).toEqual(['get 2', 'get 2', 'get 2', 'get 2']);
});
