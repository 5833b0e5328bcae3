import { describe, expect, test } from '@jest/globals';
import { anEntry, log, startMs, testLogs, type TestEntry } from '../test/fakes/test-logs.js';

const minuteMs = 60_000;

describe('find', () => {
  test('finds any entry of a long log in few calls', async () => {
    const { store, clock, logs, open } = testLogs();
    const entries: TestEntry[] = [];
    for (let index = 0; index < 2000; index += 1) {
      clock.ms += minuteMs;
      const entry = anEntry({ createdAtMs: clock.ms - 500 });
      entries.push(entry);
      await logs.append(log, entry);
    }
    for (const index of [0, 1, 500, 1300, 1990, 1999]) {
      const entry = entries[index] ?? anEntry();
      const reader = open();
      const calls = await store.callsDuring(async () => {
        expect((await reader.find(log, entry.id, entry.createdAtMs))?.entry).toEqual(entry);
      });
      // The hint, the tail, three rounds of the search by time, and one read of the entry.
      expect(calls.length).toBeLessThanOrEqual(6);
    }
  });

  test('returns nothing for an id that was not recorded, at any time', async () => {
    const { clock, logs } = testLogs();
    for (let index = 0; index < 100; index += 1) {
      clock.ms += minuteMs;
      await logs.append(log, anEntry({ createdAtMs: clock.ms }));
    }
    for (const ms of [startMs - minuteMs, startMs + 50 * minuteMs, clock.ms, clock.ms + minuteMs])
      expect(await logs.find(log, 'missing', ms)).toBeUndefined();
  });

  test('does not read the log to its end for an old id that was not recorded', async () => {
    const { store, clock, logs, open } = testLogs();
    for (let index = 0; index < 2000; index += 1) {
      clock.ms += 60 * minuteMs;
      await logs.append(log, anEntry({ createdAtMs: clock.ms }));
    }
    for (const ms of [0, startMs + 1, startMs + 500 * minuteMs]) {
      const calls = await store.callsDuring(async () => {
        expect(await open().find(log, 'missing', ms)).toBeUndefined();
      });
      expect(calls.length).toBeLessThanOrEqual(12);
    }
  });

  test('finds an entry that was recorded long after its id was created', async () => {
    const { clock, logs } = testLogs();
    const late = anEntry({ createdAtMs: startMs });
    for (let index = 0; index < 300; index += 1) {
      clock.ms += minuteMs;
      await logs.append(log, index === 200 ? late : anEntry({ createdAtMs: clock.ms }));
    }
    expect((await logs.find(log, late.id, late.createdAtMs))?.entry).toEqual(late);
  });

  test.each([-9, 9])('finds entries and duplicates when the clocks differ by %i minutes', async (minutes) => {
    const { clock, logs, open } = testLogs();
    const entries: TestEntry[] = [];
    for (let index = 0; index < 100; index += 1) {
      clock.ms += minuteMs;
      const entry = anEntry({ createdAtMs: clock.ms + minutes * minuteMs });
      entries.push(entry);
      await logs.append(log, entry);
    }
    for (const entry of entries) {
      expect((await open().find(log, entry.id, entry.createdAtMs))?.entry).toEqual(entry);
      expect(await open().append(log, entry)).toBe('duplicate');
    }
  });
});

describe('search', () => {
  test('is incomplete when it reaches its maximum of calls before it finds the entry', async () => {
    const { clock, logs, open } = testLogs();
    for (let index = 0; index < 500; index += 1) await logs.append(log, anEntry({ createdAtMs: clock.ms }));
    const query = { matches: () => false, createdAtMs: clock.ms };
    expect(await open().search(log, query)).toMatchObject({ found: undefined, isComplete: true });
    expect(await open().search(log, { ...query, readsMax: 2 })).toMatchObject({ isComplete: false });
    expect(await open().search(log, { ...query, isCancelled: () => true })).toMatchObject({
      isComplete: false,
    });
  });
});
