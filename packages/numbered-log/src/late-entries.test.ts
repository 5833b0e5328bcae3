import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  anEntry,
  log,
  seedLog,
  segmentNumbers,
  startMs,
  testDefinition,
  testLogs,
  type TestEntry,
} from '../test/fakes/test-logs.js';
import { LateMarkers } from './late-markers.js';
import { LogUnavailableError } from './log-errors.js';
import { LogWriter } from './log-writer.js';
import { SegmentReader } from './segment-reader.js';
import { encodeSegment, segmentDecoder } from './segment.js';
import type { MemoryLogStore } from './testing/memory-log-store.js';

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;

/** A log that holds the entries of one day, evenly spread, each in a segment of its own. */
function aDayOf(count: number) {
  const { store, clock, logs, open } = testLogs();
  const stepMs = dayMs / count;
  seedLog(
    store,
    Array.from({ length: count }, (_, index) => startMs + Math.floor(index * stepMs)),
  );
  clock.ms = startMs + dayMs;
  /** The number of entries that were recorded in the half hour before and after a time. */
  const countAround = (ms: number) =>
    Array.from({ length: count }, (_, index) => startMs + index * stepMs).filter(
      (recordedMs) => Math.abs(recordedMs - ms) <= hourMs / 2,
    ).length;
  return { store, clock, logs, open, countAround };
}

/** The segments that are read more than once while `work` runs. */
async function segmentsReadTwice(store: MemoryLogStore, work: () => Promise<unknown>): Promise<string[]> {
  const reads = new Map<string, number>();
  const getBulk = store.getBulk.bind(store);
  store.getBulk = async (keys, options) => {
    const values = await getBulk(keys, options);
    for (const key of values.keys()) reads.set(key, (reads.get(key) ?? 0) + 1);
    return values;
  };
  await work();
  return [...reads].flatMap(([key, count]) => (count > 1 && key.startsWith(`${log}:`) ? [key] : []));
}

describe.each([10, 5000, 50_000])('in a log of %i entries in a day', (count) => {
  let day: ReturnType<typeof aDayOf>;

  beforeAll(() => {
    day = aDayOf(count);
  });

  /** Appends an old entry and requires the bound: eight calls and one for each hundred entries around the id's time. */
  async function appendWithin(logs: ReturnType<typeof day.open>, entry: TestEntry, outcome: string) {
    const calls = await day.store.callsDuring(async () => {
      expect(await logs.append(log, entry)).toBe(outcome);
    });
    expect(calls.length).toBeLessThanOrEqual(8 + Math.ceil(day.countAround(entry.createdAtMs) / 100));
  }

  test.each([0.5, 1, 6, 12, 23.99])(
    'appending an entry whose id is %d hours old takes few calls, in a cold and in a warm process',
    async (hours) => {
      const createdAtMs = day.clock.ms - hours * hourMs;
      const cold = anEntry({ createdAtMs });
      await appendWithin(day.open(), cold, 'recorded');
      const warm = anEntry({ createdAtMs });
      await appendWithin(day.logs, warm, 'recorded');
      for (const entry of [cold, warm]) {
        await appendWithin(day.open(), entry, 'duplicate');
        await appendWithin(day.logs, entry, 'duplicate');
        await appendWithin(day.open(), { ...entry, text: 'Stayed at home' }, 'conflict');
      }
    },
  );
});

describe('a writer', () => {
  test('reads no segment twice for a thousand old ids', async () => {
    const { store, clock, logs } = aDayOf(5000);
    const old = Array.from({ length: 1000 }, (_, index) =>
      anEntry({ createdAtMs: clock.ms - 20 * hourMs + index * 10_000 }),
    );
    const twice = await segmentsReadTwice(store, async () => {
      for (const entry of old) expect(await logs.append(log, entry)).toBe('recorded');
      for (const entry of old) expect(await logs.append(log, entry)).toBe('duplicate');
    });
    expect(twice).toEqual([]);
  });

  test('continues after a failed call with what it has read', async () => {
    const { store, clock, open } = aDayOf(50_000);
    const entry = anEntry({ createdAtMs: clock.ms - 12 * hourMs });
    const logs = open();
    const twice = await segmentsReadTwice(store, async () => {
      for (let failures = 0; failures < 20; failures += 1) {
        const read = store.getBulk.bind(store);
        let left = 3;
        store.getBulk = (keys, options) =>
          left-- > 0 ? read(keys, options) : Promise.reject(new Error('the store is unavailable'));
        await logs.append(log, entry).catch(() => undefined);
        store.getBulk = read;
      }
      expect(await logs.append(log, entry)).toBe('duplicate');
    });
    expect(twice).toEqual([]);
  });

  test('that failed on an empty log finds what others recorded since', async () => {
    const { store, clock, logs, open } = testLogs();
    store.createFaults.push('refuse');
    await expect(logs.append(log, anEntry())).rejects.toThrow(LogUnavailableError);
    const entry = anEntry();
    const other = open();
    await other.append(log, anEntry());
    await other.append(log, entry);
    // More than a probe of the tail reads, so that the first writer starts again from the tail hint.
    for (let count = 0; count < 150; count += 1) await other.append(log, anEntry());
    clock.ms += dayMs;
    expect(await logs.append(log, entry)).toBe('duplicate');
  });

  test('records the other entries of a batch when it cannot check an old one', async () => {
    const { store, clock, logs } = aDayOf(5000);
    await logs.append(log, anEntry({ createdAtMs: clock.ms }));
    const old = anEntry({ createdAtMs: clock.ms - 12 * hourMs });
    const recent = Array.from({ length: 10 }, () => anEntry({ createdAtMs: clock.ms }));
    store.readFaults = 1;
    const outcomes = await Promise.allSettled([...recent, old].map((entry) => logs.append(log, entry)));
    // The first entry is in a batch of its own.
    expect(outcomes.map(({ status }) => status)).toEqual([...recent.map(() => 'fulfilled'), 'rejected']);
    expect(await logs.append(log, old)).toBe('recorded');
  });

  test('remembers a bounded part of a log, however much was recorded around an old id', async () => {
    const { store, clock, logs } = testLogs();
    const attempt = '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d/0/0';
    const many = Array.from({ length: 2000 }, () =>
      Array.from({ length: 64 }, () => anEntry({ createdAtMs: startMs })),
    );
    many.forEach((entries, index) => {
      const number = index + 1;
      const recordedAt = new Date(startMs + index).toISOString();
      const totals = { count: number * 64, sums: { EUR: BigInt(number * 6400) } };
      store.values.set(`${log}:${number}`, encodeSegment({ number, recordedAt, attempt, entries, totals }));
    });
    store.values.set(log, JSON.stringify({ segment: 2000 }));
    clock.ms = startMs + dayMs;
    const reader = new SegmentReader(store, log, segmentDecoder(testDefinition));
    const options = {
      store,
      reader,
      markers: new LateMarkers(store, log),
      definition: testDefinition,
      now: () => new Date(clock.ms),
    };
    const writer = new LogWriter(options);
    for (const entry of [anEntry({ createdAtMs: startMs }), many[0]?.[0], many[1999]?.[63]])
      if (entry !== undefined) await writer.append(entry);
    expect(writer.size).toBeLessThanOrEqual(50_000);
    expect((await logs.page(log, 1)).totals.count).toBe(2000 * 64 + 1);
  });
});

test.each(['Went for a walk', 'Stayed at home'])(
  'a writer that remembers an entry which another process erased records %j under its id, if it happened later',
  async (text) => {
    const { clock, logs, open } = testLogs();
    const entry = anEntry();
    await logs.append(log, entry);
    clock.ms += 60_000;
    await open().eraseAll(log);
    clock.ms += 1000;
    expect(await logs.append(log, { ...entry, createdAtMs: clock.ms, text })).toBe('recorded');
    expect(await logs.append(log, { ...entry, createdAtMs: clock.ms, text })).toBe('duplicate');
    expect(await logs.append(log, entry)).toBe('erased');
  },
);

test('an entry is recorded once after the store has lost it with the end of its log, but not its marker', async () => {
  const { store, clock, open } = testLogs();
  const appendMany = async (count: number) => {
    const logs = open();
    for (let index = 0; index < count; index += 1)
      await logs.append(log, anEntry({ createdAtMs: (clock.ms += 1000) }));
  };
  await appendMany(300);
  const late = anEntry({ createdAtMs: clock.ms - 12 * hourMs });
  await open().append(log, late);
  const numbers = segmentNumbers(store);
  for (const number of numbers.slice(-10)) store.values.delete(`${log}:${number}`);
  clock.ms += hourMs;
  expect(await open().append(log, late)).toBe('recorded');
  // More than a process reads of the tail.
  await appendMany(400);
  clock.ms += hourMs;
  expect(await open().append(log, late)).toBe('duplicate');
  expect(await open().find(log, late.id, late.createdAtMs)).toBeDefined();
});

test('a writer that meets an entry while it looks for another one in the same batch does not record it again', async () => {
  const { clock, open } = testLogs();
  const writer = open();
  const entries: TestEntry[] = [];
  for (let count = 0; count < 300; count += 1) {
    const entry = anEntry({ createdAtMs: (clock.ms += 100) });
    entries.push(entry);
    await writer.append(log, entry);
  }
  const [first, second] = entries as [TestEntry, TestEntry];
  const cold = open();
  // The first append is a batch of its own, and its entry is in the tail.
  const outcomes = [entries.at(-1) as TestEntry, first, { ...second, createdAtMs: clock.ms }].map((entry) =>
    cold.append(log, entry),
  );
  expect(await Promise.all(outcomes)).toEqual(['duplicate', 'duplicate', 'duplicate']);
});

/** Ids without a time begin with `key-`. */
const withoutTimes: typeof testDefinition = {
  ...testDefinition,
  createdAtMsOf: ({ id, createdAtMs }) => (id.startsWith('key-') ? undefined : createdAtMs),
};

describe('an entry without a time in its id, in a log that an older version wrote', () => {
  /** The attempt of a segment of version 0.1.0, which created no markers. */
  const olderAttempt = '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d';
  const length = 3000;

  /** A log of version 0.1.0, which recorded entries without a time in these segments. */
  function anOlderLog(...unmarked: readonly number[]) {
    const { store, clock, open } = testLogs(withoutTimes);
    seedLog(
      store,
      Array.from({ length }, (_, index) => startMs + index * 1000),
      olderAttempt,
    );
    const entries = unmarked.map((number) => {
      const entry = anEntry({ id: `key-${number}` });
      rewriteSegment(store, number, entry);
      return entry;
    });
    clock.ms = startMs + dayMs;
    const callsOf = async (work: () => Promise<unknown>) => (await store.callsDuring(work)).length;
    return { store, clock, open, entries, callsOf };
  }

  function rewriteSegment(store: MemoryLogStore, number: number, entry: TestEntry): void {
    const key = `${log}:${number}`;
    const segment = segmentDecoder(withoutTimes)(key, number, store.values.get(key) ?? '');
    store.values.set(key, encodeSegment({ ...segment, entries: [entry] }));
  }

  test('is a duplicate if that version recorded it, and is found', async () => {
    const { open, entries } = anOlderLog(1, 1500, length);
    for (const entry of entries) {
      expect(await open().append(log, entry)).toBe('duplicate');
      expect((await open().find(log, entry.id, undefined))?.entry).toEqual(entry);
    }
    const [first] = entries as [TestEntry];
    expect(await open().append(log, { ...first, text: 'Stayed at home' })).toBe('conflict');
  });

  test('makes one writer read what that version wrote, and no other writer or reader after it', async () => {
    const { open, callsOf } = anOlderLog();
    expect(await callsOf(() => open().append(log, anEntry({ id: 'key-a' })))).toBeGreaterThan(length / 120);
    expect(await callsOf(() => open().append(log, anEntry({ id: 'key-b' })))).toBeLessThanOrEqual(7);
    expect(await callsOf(() => open().find(log, 'key-c', undefined))).toBeLessThanOrEqual(3);
  });

  test('is looked for only between the first and the last such entry, after one writer has read everything', async () => {
    const { open, entries, callsOf } = anOlderLog(1000, 1100);
    await open().append(log, anEntry({ id: 'key-a' }));
    for (const entry of entries) {
      const calls = await callsOf(async () => {
        expect(await open().append(log, entry)).toBe('duplicate');
        expect((await open().find(log, entry.id, undefined))?.entry).toEqual(entry);
      });
      expect(calls).toBeLessThanOrEqual(8);
    }
  });

  test('is a duplicate in a warm writer if that version recorded it meanwhile, and costs it few calls', async () => {
    const { store, clock, open, callsOf } = anOlderLog();
    const logs = open();
    for (let count = 0; count < 10; count += 1) {
      await logs.append(log, anEntry({ id: `key-of-this-version-${count}` }));
      const number = length + 2 * count + 2;
      const entry = anEntry({ id: `key-of-the-older-version-${count}` });
      const totals = { count: number, sums: { EUR: BigInt(number * 100) } };
      const recordedAt = new Date(clock.ms).toISOString();
      const segment = { number, recordedAt, attempt: olderAttempt, entries: [entry], totals };
      store.values.set(`${log}:${number}`, encodeSegment(segment));
      clock.ms += hourMs;
      const calls = await callsOf(async () => {
        expect(await logs.append(log, entry)).toBe('duplicate');
      });
      expect(calls).toBeLessThanOrEqual(7);
    }
  });
});

describe('a late entry', () => {
  const late = () => anEntry({ createdAtMs: startMs });

  /** Two processes, a day after the id of the entry was created, with a log that begins then. */
  async function aDayLater() {
    const { store, clock, open } = testLogs();
    clock.ms = startMs + dayMs;
    const [one, other] = [open(), open()];
    const fill = async (count: number) => {
      const logs = open();
      for (let index = 0; index < count; index += 1)
        await logs.append(log, anEntry({ createdAtMs: (clock.ms += 1000) }));
    };
    await fill(20);
    return { store, clock, open, one, other, fill };
  }

  test('has a marker, and an entry on time has none', async () => {
    const { store, one } = await aDayLater();
    const entry = late();
    await one.append(log, entry);
    expect([...store.values].filter(([key]) => key.startsWith('late:'))).toEqual([
      [`late:${log}:${entry.id}`, '{"version":1,"segment":21}'],
    ]);
  });

  test('is recorded once when its writer dies between marker and entry, and much is recorded before the next try', async () => {
    const { store, open, one, fill } = await aDayLater();
    const entry = late();
    // The marker is created, the segment is not.
    store.beforeCreate = (key) => {
      if (key.startsWith(`${log}:`)) store.createFaults.push('refuse');
    };
    await expect(one.append(log, entry)).rejects.toThrow('the log cannot be read or written');
    store.beforeCreate = () => undefined;
    await fill(300);
    expect(await open().append(log, entry)).toBe('recorded');
    await fill(300);
    expect(await open().append(log, entry)).toBe('duplicate');
    expect((await open().find(log, entry.id, entry.createdAtMs))?.entry).toEqual(entry);
  });

  test('is recorded once by a writer that was stopped between marker and entry while another recorded it', async () => {
    const { store, open, one, other, fill } = await aDayLater();
    const entry = late();
    let isStopped = false;
    store.beforeCreate = async (key) => {
      if (isStopped || !key.startsWith(`${log}:`)) return;
      isStopped = true;
      await fill(300);
      expect(await other.append(log, entry)).toBe('recorded');
      await fill(300);
    };
    expect(await one.append(log, entry)).toBe('duplicate');
    expect(await open().append(log, entry)).toBe('duplicate');
  });

  test('is recorded once by two writers at the same time', async () => {
    const { one, other, open } = await aDayLater();
    const entry = late();
    const outcomes = await Promise.all([one, other, open()].map((logs) => logs.append(log, entry)));
    expect(outcomes.sort()).toEqual(['duplicate', 'duplicate', 'recorded']);
  });

  test('is found where its writer moved the marker after losing many races', async () => {
    const { store, open, one, fill } = await aDayLater();
    const entry = late();
    let races = 40;
    store.beforeCreate = async (key) => {
      if (!key.startsWith(`${log}:`) || races === 0) return;
      races -= 1;
      const beforeCreate = store.beforeCreate;
      store.beforeCreate = () => undefined;
      await fill(1);
      store.beforeCreate = beforeCreate;
    };
    expect(await one.append(log, entry)).toBe('recorded');
    store.beforeCreate = () => undefined;
    await fill(200);
    expect(await open().append(log, entry)).toBe('duplicate');
    expect((await open().find(log, entry.id, entry.createdAtMs))?.entry).toEqual(entry);
  });

  test('that an earlier version recorded without a marker is a duplicate', async () => {
    const { store, clock, open, fill } = await aDayLater();
    const [entry] = seedLog(
      store,
      Array.from({ length: 500 }, (_, index) => startMs + dayMs + index * 1000),
      '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d',
    );
    const recorded = { ...anEntry(), ...entry, createdAtMs: startMs };
    store.values.set(
      `${log}:1`,
      (store.values.get(`${log}:1`) ?? '').replace(/"createdAtMs":\d+/, `"createdAtMs":${startMs}`),
    );
    clock.ms = startMs + 2 * dayMs;
    await fill(200);
    expect(await open().append(log, recorded)).toBe('duplicate');
    expect((await open().find(log, recorded.id, startMs))?.entry).toEqual(recorded);
  });

  test('is recorded once when a clock was wrong by a year', async () => {
    const { clock, open, fill } = await aDayLater();
    clock.ms += 365 * dayMs;
    const early = anEntry({ createdAtMs: startMs + dayMs });
    expect(await open().append(log, early)).toBe('recorded');
    clock.ms -= 365 * dayMs;
    const onTime = anEntry({ createdAtMs: clock.ms });
    await open().append(log, onTime);
    await fill(200);
    clock.ms += dayMs;
    await fill(200);
    for (const entry of [early, onTime]) {
      expect(await open().append(log, entry)).toBe('duplicate');
      expect((await open().find(log, entry.id, entry.createdAtMs))?.entry).toEqual(entry);
    }
  });

  test('without a time in its id is recorded once and found in few calls', async () => {
    const { store, clock, open } = testLogs(withoutTimes);
    clock.ms = startMs + dayMs;
    const entry = anEntry({ id: 'key-1' });
    expect(await open().append(log, entry)).toBe('recorded');
    const logs = open();
    for (let count = 0; count < 500; count += 1)
      await logs.append(log, anEntry({ createdAtMs: (clock.ms += 1000) }));
    const calls = await store.callsDuring(async () => {
      expect(await open().append(log, entry)).toBe('duplicate');
      expect((await open().find(log, entry.id, undefined))?.entry).toEqual(entry);
    });
    expect(calls.length).toBeLessThanOrEqual(8);
  });

  test('without a time in its id costs as little after a clock was wrong by a year', async () => {
    const { store, clock, open } = testLogs(withoutTimes);
    seedLog(
      store,
      Array.from({ length: 3000 }, (_, index) => startMs + index),
    );
    clock.ms = startMs + 365 * dayMs;
    await open().append(log, anEntry({ createdAtMs: clock.ms }));
    clock.ms = startMs + dayMs;
    await open().append(log, anEntry({ createdAtMs: clock.ms }));
    const calls = await store.callsDuring(async () => {
      expect(await open().append(log, anEntry({ id: 'key-1' }))).toBe('recorded');
      expect(await open().find(log, 'key-2', undefined)).toBeUndefined();
    });
    expect(calls.length).toBeLessThanOrEqual(8 + 3);
  });

  test('that is erased leaves no marker and is not recorded again, however late it is delivered', async () => {
    const { store, clock, open, one, fill } = await aDayLater();
    const entry = late();
    await one.append(log, entry);
    await open().eraseAll(log);
    expect([...store.values.keys()].filter((key) => key.startsWith('late:'))).toEqual([]);
    await fill(300);
    clock.ms += dayMs;
    expect(await open().append(log, entry)).toBe('erased');
  });
});

test('an entry with an old id takes few calls after an erasure whose clock is behind the last entry, however long the log was', async () => {
  // A purchase under an old id can be placed after the erasure.
  const { store, clock, open } = testLogs({ ...testDefinition, happenedAtMsOf: () => Infinity });
  const length = 3000;
  seedLog(
    store,
    Array.from({ length }, (_, index) => startMs - dayMs + Math.floor(((index + 1) * dayMs) / length)),
  );
  clock.ms = startMs - 1000;
  await open().eraseAll(log);
  clock.ms = startMs + hourMs;
  const old = anEntry({ createdAtMs: startMs - dayMs });
  const logs = open();
  const calls = await store.callsDuring(async () => {
    expect(await logs.append(log, old)).toBe('recorded');
  });
  expect(calls.length).toBeLessThanOrEqual(7);
  expect(await open().append(log, old)).toBe('duplicate');
  expect((await open().find(log, old.id, old.createdAtMs))?.entry).toEqual(old);
});
