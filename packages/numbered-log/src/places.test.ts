import { describe, expect, test } from '@jest/globals';
import {
  anEntry,
  log,
  seedLog,
  segmentNumbers,
  startMs,
  testDefinition,
  testLogs,
} from '../test/fakes/test-logs.js';
import { DamagedLogError } from './log-errors.js';
import type { NumberedLogs } from './numbered-logs.js';
import { lastNumberAt } from './places.js';
import type { TestEntry } from '../test/fakes/test-logs.js';

const placed = { ...testDefinition, duplicates: 'tolerated', isPlaced: true } as const;

async function idsAt(logs: NumberedLogs<TestEntry>, places: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  for await (const { entry } of logs.entriesAt(log, places)) ids.push(entry.id);
  return ids;
}

async function unplacedIds(logs: NumberedLogs<TestEntry>, first = 1): Promise<string[]> {
  const ids: string[] = [];
  for await (const { entries } of logs.unplacedFrom(log, first))
    ids.push(...entries.map(({ entry }) => entry.id));
  return ids;
}

describe('a placed log', () => {
  test('has an entry at the place that was stored before, in one read', async () => {
    const { store, logs, open } = testLogs(placed);
    seedLog(
      store,
      Array.from({ length: 200 }, (_, index) => startMs + index),
    );
    const entry = anEntry();
    const place = await logs.place(log);
    expect(place).toBe(201);
    expect(await logs.appendAt(log, entry, place)).toBe('recorded');
    const calls = await store.callsDuring(async () => {
      expect(await idsAt(open(), [place])).toEqual([entry.id]);
    });
    expect(calls).toHaveLength(1);
  });

  test('appends nothing beyond the place, however often it loses the race for a number', async () => {
    const { store, logs, open } = testLogs(placed);
    const place = await logs.place(log);
    const other = open();
    for (let count = 0; count <= lastNumberAt(place) - place; count += 1) await other.append(log, anEntry());
    expect(await logs.appendAt(log, anEntry(), place)).toBe('beyond');
    expect(segmentNumbers(store).at(-1)).toBe(lastNumberAt(place));
  });

  test('reads its end before a place if another process may have appended meanwhile', async () => {
    const { clock, logs, open } = testLogs(placed);
    const other = open();
    await logs.append(log, anEntry());
    await other.append(log, anEntry());
    // Losing the race for a number shows that another process appends as well.
    await logs.append(log, anEntry());
    await other.append(log, anEntry());
    clock.ms += 60_000;
    expect(await logs.place(log)).toBe(5);
  });

  test('gives a place without a call to a process that has just used it', async () => {
    const { store, logs } = testLogs(placed);
    await logs.append(log, anEntry());
    expect(await store.callsDuring(() => logs.place(log))).toEqual([]);
  });

  test('gives places while it writes, and never one after a segment that does not exist', async () => {
    const { store, clock, logs, open } = testLogs(placed);
    const entries = Array.from({ length: 30 }, () => anEntry());
    await Promise.all(
      entries.map(async (entry, index) => {
        for (let wait = index % 5; wait > 0; wait -= 1) await Promise.resolve();
        clock.ms += index % 3 === 0 ? 10_000 : 0;
        const place = await logs.place(log);
        expect(place).toBeLessThanOrEqual((segmentNumbers(store).at(-1) ?? 0) + 1);
        await logs.appendAt(log, entry, place);
        expect(await idsAt(open(), [place])).toContain(entry.id);
      }),
    );
    expect((await open().page(log, 100)).totals.count).toBe(30);
  });

  test('knows which entries an older version wrote, also when versions take turns', async () => {
    const { store, logs, open } = testLogs(placed);
    const [old] = seedLog(store, [startMs, startMs, startMs], 'of-version-0.1.0');
    await logs.append(log, anEntry());
    expect(await unplacedIds(open())).toHaveLength(3);
    const oldAgain = anEntry();
    const last = JSON.parse(store.values.get(`${log}:4`) ?? '') as object;
    store.values.set(
      `${log}:5`,
      JSON.stringify({
        ...last,
        attempt: 'of-version-0.1.0',
        entries: [oldAgain],
        totals: { count: 5, sums: {} },
      }),
    );
    for (let count = 0; count < 3; count += 1) await logs.append(log, anEntry());
    expect(await unplacedIds(open())).toHaveLength(4);
    expect(await unplacedIds(open())).toEqual(expect.arrayContaining([old?.id, oldAgain.id]));
    expect(await unplacedIds(open(), 4)).toEqual([oldAgain.id]);
  });

  test('counts a version that stored lineages but no places as an older one', async () => {
    const { store, open } = testLogs(placed);
    seedLog(store, [startMs, startMs]);
    expect(await unplacedIds(open())).toHaveLength(2);
  });

  test('reports a missing segment instead of leaving it out', async () => {
    const { store, logs } = testLogs(placed);
    for (let count = 0; count < 3; count += 1) await logs.append(log, anEntry());
    store.values.delete(`${log}:2`);
    await expect(idsAt(logs, [1])).rejects.toThrow(DamagedLogError);
  });

  test('erases at places, and what is already erased costs nothing but the read', async () => {
    const { store, logs, open } = testLogs(placed);
    const places: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      places.push(await logs.place(log));
      await logs.append(log, anEntry({ text: count === 1 ? 'mine' : 'another’s' }));
    }
    const erase = () => open().eraseEntriesAt(log, places, ({ text }) => text === 'mine');
    expect(await erase()).toBe(1);
    expect(await store.callsDuring(erase)).toHaveLength(1);
    expect((await open().page(log, 10)).totals.count).toBe(3);
  });
});

describe('an erasure of everything', () => {
  test('hands the entries over before it erases them, and keeps them if that fails', async () => {
    const { logs, open } = testLogs();
    for (let count = 0; count < 3; count += 1) await logs.append(log, anEntry());
    await expect(logs.eraseAll(log, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const handedOver: string[] = [];
    const count = await open().eraseAll(log, (entries) => {
      handedOver.push(...entries.map(({ entry }) => entry.id));
      return Promise.resolve();
    });
    expect([count, handedOver.length]).toEqual([3, 3]);
  });

  test('that is repeated reads each hundred segments once', async () => {
    const { store, logs } = testLogs();
    seedLog(
      store,
      Array.from({ length: 300 }, (_, index) => startMs + index),
    );
    await logs.eraseAll(log);
    const calls = await store.callsDuring(() => logs.eraseAll(log));
    expect(calls.length).toBeLessThanOrEqual(2 + 1 + 4);
  });
});
