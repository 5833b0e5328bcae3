import { describe, expect, test } from '@jest/globals';
import { anEntry, log, seedLog, startMs, testLogs, type TestEntry } from '../test/fakes/test-logs.js';

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

  test.each([10, 5000, 50_000])(
    'takes few calls to miss an id of any time in a log of %i entries, in a cold and in a warm process',
    async (count) => {
      const { store, open } = testLogs();
      seedLog(
        store,
        Array.from({ length: count }, (_, index) => startMs + index * minuteMs),
      );
      const warm = open();
      await warm.page(log, 1);
      for (const ms of [0, startMs, startMs + (count / 2) * minuteMs, startMs + count * minuteMs])
        for (const logs of [open(), warm]) {
          const calls = await store.callsDuring(async () => {
            expect(await logs.find(log, 'missing', ms)).toBeUndefined();
          });
          // At most 60 entries are around any time.
          expect(calls.length).toBeLessThanOrEqual(12 + 1);
        }
    },
  );

  test('stops when it is cancelled', async () => {
    const { store, open } = testLogs();
    seedLog(
      store,
      Array.from({ length: 50_000 }, (_, index) => startMs + index),
    );
    const client = new AbortController();
    const read = store.getBulk.bind(store);
    let reads = 0;
    store.getBulk = (keys, options) => {
      reads += 1;
      if (reads === 5) client.abort(new Error('the client has left'));
      return read(keys, options);
    };
    await expect(open().find(log, 'missing', startMs, client.signal)).rejects.toThrow('the client has left');
    expect(reads).toBe(5);
  });

  test.each([21, 24 * 60, 60 * 24 * 60])(
    'finds an entry that was recorded %i minutes after its id was created, in few calls',
    async (minutes) => {
      const { store, clock, open } = testLogs();
      seedLog(
        store,
        Array.from({ length: 5000 }, (_, index) => startMs + index * minuteMs),
      );
      clock.ms = startMs + (5000 + minutes) * minuteMs;
      const late = anEntry({ createdAtMs: startMs + 2500 * minuteMs });
      const logs = open();
      await logs.append(log, late);
      for (let index = 0; index < 100; index += 1)
        await logs.append(log, anEntry({ createdAtMs: (clock.ms += minuteMs) }));
      const calls = await store.callsDuring(async () => {
        expect((await open().find(log, late.id, late.createdAtMs))?.entry).toEqual(late);
      });
      expect(calls.length).toBeLessThanOrEqual(4);
    },
  );

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
    const query = { matches: () => false, createdAtMs: clock.ms, readsMax: 100 };
    expect(await open().search(log, query)).toMatchObject({ found: [], isComplete: true });
    expect(await open().search(log, { ...query, readsMax: 2 })).toMatchObject({ isComplete: false });
    expect(await open().search(log, { ...query, isCancelled: () => true })).toMatchObject({
      isComplete: false,
    });
  });

  test('for an id without a time begins with the newest entries, and is complete if it has read all of them', async () => {
    const { clock, logs, open, store } = testLogs();
    const entries = Array.from({ length: 500 }, () => anEntry({ createdAtMs: clock.ms }));
    for (const entry of entries) await logs.append(log, entry);
    const searchFor = (index: number, readsMax: number) => {
      const matches = ({ id }: TestEntry) => id === entries[index]?.id;
      return open().search(log, { matches, createdAtMs: undefined, readsMax });
    };
    const calls = await store.callsDuring(async () => {
      expect((await searchFor(450, 1)).found[0]?.entry).toEqual(entries[450]);
    });
    expect(calls.length).toBeLessThanOrEqual(3);
    expect(await searchFor(0, 2)).toMatchObject({ found: [], isComplete: false });
    expect((await searchFor(0, 100)).found[0]?.entry).toEqual(entries[0]);
    expect(await searchFor(-1, 100)).toMatchObject({ found: [], isComplete: true });
  });

  test('finds several entries, also in different segments, and no more than asked for', async () => {
    const { clock, logs, open } = testLogs();
    const entries = Array.from({ length: 300 }, (_, index) =>
      anEntry({ createdAtMs: clock.ms, text: index % 100 === 50 ? 'wanted' : 'other' }),
    );
    for (const entry of entries) await logs.append(log, entry);
    const query = {
      matches: ({ text }: TestEntry) => text === 'wanted',
      createdAtMs: clock.ms,
      readsMax: 100,
    };
    const idsFound = async (foundMax: number) =>
      (await open().search(log, { ...query, foundMax })).found.map(({ entry }) => entry.id).sort();
    const wanted = entries.filter(({ text }) => text === 'wanted').map(({ id }) => id);
    expect(await idsFound(5)).toEqual(wanted.toSorted());
    expect(await idsFound(2)).toHaveLength(2);
  });
});
