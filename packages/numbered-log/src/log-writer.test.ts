import { describe, expect, test } from '@jest/globals';
import {
  anEntry,
  log,
  readAllIds,
  segmentNumbers,
  startMs,
  testDefinition,
  testLogs,
} from '../test/fakes/test-logs.js';
import { LogUnavailableError } from './log-errors.js';

const minuteMs = 60_000;

describe('the memory of the writers', () => {
  test('counts the segments and ids of all logs, and forgets what is too old', async () => {
    const { logs, clock } = testLogs();
    await logs.append(log, anEntry());
    await logs.append(log, anEntry());
    await logs.append('another log', anEntry());
    expect(logs.remembered).toBe(6);
    clock.ms += testDefinition.rememberedMs + minuteMs;
    await logs.append(log, anEntry({ createdAtMs: clock.ms }));
    // Of this log, the new segment and the one before it, which proves that none is missing between them.
    expect(logs.remembered).toBe(6);
    await logs.append('another log', anEntry({ createdAtMs: clock.ms }));
    await logs.append(log, anEntry({ createdAtMs: clock.ms }));
    expect(logs.remembered).toBe(10);
  });
});

describe('append', () => {
  test('records a new entry', async () => {
    const { logs } = testLogs();
    const entry = anEntry();
    expect(await logs.append(log, entry)).toBe('recorded');
    expect(await logs.page(log, 10)).toMatchObject({
      items: [{ entry, recordedAt: new Date(startMs).toISOString() }],
      totals: { count: 1, sums: { EUR: 100n } },
    });
  });

  test('reports an entry that is already recorded as a duplicate, also in another process', async () => {
    const { logs, open } = testLogs();
    const entry = anEntry();
    await logs.append(log, entry);
    expect(await logs.append(log, entry)).toBe('duplicate');
    expect(await open().append(log, entry)).toBe('duplicate');
    expect(await readAllIds(logs)).toEqual([entry.id]);
  });

  test('reports other content with a recorded id as a conflict and keeps the first', async () => {
    const { logs, open } = testLogs();
    const entry = anEntry({ amount: 100 });
    const other = anEntry({ id: entry.id, amount: 200 });
    await logs.append(log, entry);
    expect(await logs.append(log, other)).toBe('conflict');
    expect(await open().append(log, other)).toBe('conflict');
    expect((await logs.page(log, 10)).totals).toEqual({ count: 1, sums: { EUR: 100n } });
  });

  test('records an entry once when several processes append it at the same time', async () => {
    const { logs, open } = testLogs();
    const entry = anEntry();
    const outcomes = await Promise.all(
      [logs, open(), open()].flatMap((each) => [each, each].map((one) => one.append(log, entry))),
    );
    expect(outcomes.filter((outcome) => outcome === 'recorded')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(5);
  });

  test('records the entries of many writers once each, with numbers without gaps and correct totals', async () => {
    const { store, open, logs } = testLogs();
    const writers = [open(), open(), open()];
    const entries = Array.from({ length: 120 }, () => anEntry());
    const outcomes = await Promise.all(
      entries.map((entry, index) => (writers[index % 3] ?? logs).append(log, entry)),
    );
    expect(new Set(outcomes)).toEqual(new Set(['recorded']));
    expect((await readAllIds(logs)).sort()).toEqual(entries.map(({ id }) => id).sort());
    const numbers = segmentNumbers(store);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect((await logs.page(log, 1)).totals).toEqual({ count: 120, sums: { EUR: 12_000n } });
  });

  test('refuses an entry while ten thousand others are waiting, and records them', async () => {
    const { logs } = testLogs();
    const entry = anEntry();
    const outcomes = await Promise.allSettled(Array.from({ length: 10_002 }, () => logs.append(log, entry)));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([
      { status: 'rejected', reason: new LogUnavailableError('too many entries are waiting') },
    ]);
    expect(await logs.append(log, anEntry())).toBe('recorded');
  });

  test('puts the entries that arrive during a write into one segment', async () => {
    const { store, logs } = testLogs();
    const calls = await store.callsDuring(() =>
      Promise.all(Array.from({ length: 50 }, () => logs.append(log, anEntry()))),
    );
    expect(calls.filter((call) => call.startsWith('create'))).toHaveLength(2);
  });

  test('keeps segments of large entries small enough to read a hundred of them in one call', async () => {
    const { store, logs } = testLogs();
    const text = '🙂'.repeat(50);
    await Promise.all(Array.from({ length: 64 }, () => logs.append(log, anEntry({ text }))));
    const sizes = [...store.values.values()].map((value) => JSON.stringify(value).length);
    expect(Math.max(...sizes)).toBeLessThan(32 * 1024);
    expect(sizes.length).toBeGreaterThan(2);
  });

  test('records an entry once and reports it when the response to the create is lost', async () => {
    const { store, logs } = testLogs();
    store.createFaults.push('lose-response');
    const entry = anEntry();
    expect(await logs.append(log, entry)).toBe('recorded');
    expect(await readAllIds(logs)).toEqual([entry.id]);
  });

  test('fails when the store refuses the create, and records the entry once when it is appended again', async () => {
    const { store, logs } = testLogs();
    const entry = anEntry();
    store.createFaults.push('refuse');
    await expect(logs.append(log, entry)).rejects.toThrow('the log cannot be read or written');
    expect(await logs.append(log, entry)).toBe('recorded');
    expect(segmentNumbers(store)).toEqual([1]);
  });

  test('fails when the log cannot be read back after a lost response, and finds the entry when it is appended again', async () => {
    const { store, logs } = testLogs();
    await logs.append(log, anEntry());
    store.createFaults.push('lose-response');
    store.readFaults = 1;
    const entry = anEntry();
    await expect(logs.append(log, entry)).rejects.toThrow('the log cannot be read or written');
    expect(await logs.append(log, entry)).toBe('duplicate');
  });

  test('takes the next number when an earlier attempt of the same process has the number', async () => {
    const { store, logs } = testLogs();
    const early = anEntry();
    // The store reports a failure, and creates the segment only when the next one is about to be created.
    store.createFaults.push('refuse');
    let late: [string, string] | undefined;
    const create = store.createIfAbsent.bind(store);
    store.createIfAbsent = (key, value) => {
      if (late === undefined) late = [key, value];
      else store.values.set(...late);
      return create(key, value);
    };
    await expect(logs.append(log, early)).rejects.toThrow('the log cannot be read or written');
    const second = anEntry();
    expect(await logs.append(log, second)).toBe('recorded');
    expect(await readAllIds(logs)).toEqual([early.id, second.id]);
  });

  test('takes the next number when another writer wins the race', async () => {
    const { store, logs, open } = testLogs();
    const rival = open();
    const first = anEntry();
    store.beforeCreate = async () => {
      store.beforeCreate = () => undefined;
      await rival.append(log, first);
    };
    const second = anEntry();
    expect(await logs.append(log, second)).toBe('recorded');
    expect(await readAllIds(logs)).toEqual([first.id, second.id]);
  });

  test('finds a duplicate that was recorded long before, with nothing in memory', async () => {
    const { clock, logs, open } = testLogs();
    const early = anEntry();
    await logs.append(log, early);
    for (let index = 0; index < 150; index += 1) {
      clock.ms += minuteMs;
      await logs.append(log, anEntry({ createdAtMs: clock.ms }));
    }
    expect(await logs.append(log, early)).toBe('duplicate');
    expect(await open().append(log, early)).toBe('duplicate');
  });

  test('finds only remembered duplicates where they are tolerated, and reads nothing for others', async () => {
    const { store, clock, open, logs } = testLogs({
      ...testDefinition,
      rememberedMs: 20 * minuteMs,
      duplicates: 'tolerated',
    });
    const early = anEntry();
    await logs.append(log, early);
    expect(await logs.append(log, early)).toBe('duplicate');
    for (let index = 0; index < 50; index += 1) {
      clock.ms += minuteMs;
      await logs.append(log, anEntry({ createdAtMs: clock.ms }));
    }
    const calls = await store.callsDuring(async () => {
      expect(await logs.append(log, early)).toBe('recorded');
    });
    expect(calls.filter((call) => call.startsWith('get'))).toEqual([]);
    expect(await readAllIds(open())).toHaveLength(52);
  });

  test('takes one create from the first entry on when the log was prepared', async () => {
    const { store, open } = testLogs();
    for (let count = 1; count <= 40; count += 1) {
      const logs = open();
      await logs.prepare(log);
      expect(await store.callsDuring(() => logs.append(log, anEntry()))).toEqual([`create ${log}:${count}`]);
    }
  });

  test('succeeds while the log is prepared, and when that failed', async () => {
    const { store, logs, open } = testLogs();
    const preparing = logs.prepare(log);
    expect(await logs.append(log, anEntry())).toBe('recorded');
    await preparing;
    store.readFaults = 1;
    const other = open();
    await other.prepare(log);
    expect(await other.append(log, anEntry())).toBe('recorded');
  });

  test('takes one create, from the second entry to the five thousandth', async () => {
    const { store, clock, logs } = testLogs();
    const costs: number[] = [];
    for (let count = 1; count <= 5000; count += 1) {
      clock.ms += 1000;
      const entry = anEntry({ createdAtMs: clock.ms });
      costs.push((await store.callsDuring(() => logs.append(log, entry))).length);
    }
    expect(new Set(costs.slice(1))).toEqual(new Set([1]));
    expect(store.values.get(log)).toBe('{"segment":4992}');
  });

  test.each([1, 9, 15, 25, 90])('takes one create when entries arrive every %i minutes', async (minutes) => {
    const { store, clock, logs } = testLogs();
    for (let count = 1; count <= 15; count += 1) {
      clock.ms += minutes * minuteMs;
      const entry = anEntry({ createdAtMs: clock.ms });
      const calls = await store.callsDuring(() => logs.append(log, entry));
      if (count > 1) expect(calls).toEqual([expect.stringMatching(/^create/)]);
    }
  });

  test('takes few calls to catch up with thousands of entries from other writers', async () => {
    const { store, clock, logs, open } = testLogs();
    const behind = open();
    const early = anEntry();
    await behind.append(log, early);
    for (let count = 0; count < 2000; count += 1) {
      clock.ms += minuteMs;
      await logs.append(log, anEntry({ createdAtMs: clock.ms }));
    }
    const entry = anEntry({ createdAtMs: clock.ms });
    const calls = await store.callsDuring(() => behind.append(log, entry));
    expect(calls.length).toBeLessThanOrEqual(7);
    expect(await behind.append(log, early)).toBe('duplicate');
    expect(await readAllIds(open(), 100)).toHaveLength(2002);
  });

  test('fails when the store returns a value that no log wrote', async () => {
    const { store, logs } = testLogs();
    store.values.set(`${log}:1`, '{"version":1}');
    await expect(logs.append(log, anEntry())).rejects.toMatchObject({
      cause: { name: 'DamagedLogError' },
    });
  });

  test('keeps totals exact beyond 2^53, also for a writer and a reader with nothing in memory', async () => {
    const { clock, open } = testLogs();
    const amount = 9_007_199_254_740_991;
    for (let count = 1; count <= 5; count += 1)
      await open().append(log, anEntry({ createdAtMs: (clock.ms += 1), amount }));
    const logs = open();
    expect((await logs.page(log, 10)).totals).toEqual({ count: 5, sums: { EUR: 45_035_996_273_704_955n } });
    expect((await logs.totalsAt(log, [clock.ms])).before).toEqual([
      { count: 4, sums: { EUR: 36_028_797_018_963_964n } },
    ]);
  });
});
