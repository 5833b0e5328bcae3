import { describe, expect, test } from '@jest/globals';
import {
  anEntry,
  idsOf,
  log,
  readAllIds,
  seedLog,
  segmentNumbers,
  startMs,
  testDefinition,
  testLogs,
  type TestEntry,
} from '../test/fakes/test-logs.js';
import { DamagedLogError, LogUnavailableError } from './log-errors.js';
import type { Damage } from './log-inspection.js';
import type { NumberedLogs } from './numbered-logs.js';
import { range } from './segment-reader.js';

const byEntries = { replacesUnreadable: true, totals: 'entries' } as const;

async function inspect(logs: NumberedLogs<TestEntry>) {
  const ids: string[] = [];
  const damages: Damage[] = [];
  for await (const part of logs.inspect(log, 1)) {
    ids.push(...part.entries.map(({ entry }) => entry.id));
    damages.push(...part.damages);
  }
  return { ids, damages };
}

/** A log with one entry of 100 in each segment, and one of its segments damaged. */
function aDamagedLog(length: number, damage: (values: Map<string, string>) => void) {
  const { store, clock, open } = testLogs();
  const entries = seedLog(
    store,
    range(1, length).map((minute) => startMs + minute * 60_000),
  );
  clock.ms = startMs + (length + 1) * 60_000;
  damage(store.values);
  return { store, clock, open, ids: entries.map(({ id }) => id) };
}

const overwrite = (number: number) => (values: Map<string, string>) =>
  void values.set(`${log}:${number}`, 'not a segment');
const remove = (number: number) => (values: Map<string, string>) => void values.delete(`${log}:${number}`);

describe('an inspection', () => {
  test('of a log without damage reads all entries in one call, and finds nothing', async () => {
    const { store, open, ids } = aDamagedLog(80, () => undefined);
    const calls = await store.callsDuring(async () => {
      expect(await inspect(open())).toEqual({ ids, damages: [] });
    });
    expect(calls).toHaveLength(1);
  });

  test.each([
    ['missing', remove],
    ['unreadable', overwrite],
  ] as const)('finds a segment that is %s, and reads what comes after it', async (damage, cause) => {
    const { open, ids } = aDamagedLog(150, cause(40));
    expect(await inspect(open())).toEqual({
      ids: ids.filter((_id, index) => index !== 39),
      damages: [{ segment: 40, damage }],
    });
  });

  test('finds segments that are missing from the end up to the tail hint', async () => {
    const { open } = aDamagedLog(32, (values) => {
      for (const number of [31, 32]) values.delete(`${log}:${number}`);
    });
    expect((await inspect(open())).damages).toEqual([
      { segment: 31, damage: 'missing' },
      { segment: 32, damage: 'missing' },
    ]);
  });

  test('finds an unreadable tail hint', async () => {
    const { open } = aDamagedLog(20, (values) => void values.set(log, 'not a hint'));
    expect((await inspect(open())).damages).toEqual([{ segment: 0, damage: 'unreadable' }]);
  });

  test('finds an entry that was taken out of a segment by the totals, but not one that was erased', async () => {
    const { store, clock, open } = testLogs();
    const logs = open();
    for (let count = 0; count < 3; count += 1) await logs.append(log, anEntry());
    clock.ms += 60_000;
    await logs.eraseAll(log);
    for (let count = 0; count < 3; count += 1) await logs.append(log, anEntry({ createdAtMs: clock.ms + 1 }));
    expect((await inspect(open())).damages).toEqual([]);
    const text = store.values.get(`${log}:6`) ?? '';
    const segment = JSON.parse(text) as object;
    store.values.set(`${log}:6`, JSON.stringify({ ...segment, entries: [null] }));
    expect((await inspect(open())).damages).toEqual([{ segment: 6, damage: 'totals' }]);
  });
});

describe('a repair', () => {
  test.each([
    ['a segment that is missing', remove(5)],
    ['the first segment, unreadable', overwrite(1)],
    ['the last segment, unreadable', overwrite(20)],
    ['an unreadable tail hint', (values: Map<string, string>) => void values.set(log, '?')],
    [
      'several segments and the hint',
      (values: Map<string, string>) => {
        for (const number of [2, 3, 17]) overwrite(number)(values);
        for (const number of [4, 16]) remove(number)(values);
        values.delete(log);
      },
    ],
  ])(
    'of %s leaves a log with all other entries, contiguous numbers and right totals',
    async (_what, cause) => {
      const { store, open, ids } = aDamagedLog(20, cause);
      const found = await inspect(open());
      expect(found.damages).not.toEqual([]);
      expect(await open().repair(log, byEntries)).toBe(true);
      expect(await inspect(open())).toEqual({ ids: found.ids, damages: [] });
      expect(segmentNumbers(store)).toEqual(range(1, 21));
      const { totals } = await open().page(log, 5);
      expect(totals).toEqual({ count: found.ids.length, sums: { EUR: BigInt(found.ids.length * 100) } });
      expect(await readAllIds(open())).toEqual(ids.filter((id) => found.ids.includes(id)));
    },
  );

  test('that cannot fill a gap, because the store fails, reports no success', async () => {
    const { store, open } = aDamagedLog(20, remove(5));
    store.createFaults.push('refuse');
    await expect(open().repair(log, byEntries)).rejects.toThrow(LogUnavailableError);
    expect(await open().repair(log, byEntries)).toBe(true);
    expect((await inspect(open())).damages).toEqual([]);
  });

  test('gives an erasure that runs meanwhile nothing back', async () => {
    const { store, open } = aDamagedLog(8, remove(2));
    const update = store.update.bind(store);
    let isErased = false;
    store.update = async (key, change) => {
      if (key === `${log}:5` && !isErased) {
        isErased = true;
        await open().eraseAll(log);
      }
      await update(key, change);
    };
    expect(await open().repair(log, byEntries)).toBe(true);
    expect(isErased).toBe(true);
    const left = [...store.values].filter(
      ([key, value]) => key.startsWith(`${log}:`) && !value.includes('"totals":{"count":0,"sums":{}}'),
    );
    expect(left).toEqual([]);
    expect(await inspect(open())).toEqual({ ids: [], damages: [] });
  });

  test('does not replace an unreadable segment without permission', async () => {
    const { store, open } = aDamagedLog(20, overwrite(7));
    const before = new Map(store.values);
    expect(await open().repair(log, { ...byEntries, replacesUnreadable: false })).toBe(false);
    expect(store.values).toEqual(before);
  });

  test('lets a lost entry be appended again, also by a process that remembers it', async () => {
    const { store, clock, open } = testLogs();
    const logs = open();
    const entries = range(1, 3).map(() => anEntry());
    for (const entry of entries) await logs.append(log, entry);
    const text = store.values.get(`${log}:2`) ?? '';
    store.values.delete(`${log}:2`);
    clock.ms += 60_000;
    await logs.repair(log, byEntries);
    const [, lost = anEntry()] = entries;
    expect(await logs.append(log, lost)).toBe('recorded');
    const page = await open().page(log, 10);
    expect(idsOf(page)).toEqual([lost.id, entries[2]?.id, entries[0]?.id]);
    expect(page.totals).toEqual({ count: 3, sums: { EUR: 300n } });
    expect(text).toContain(lost.id);
  });

  test('gives another process, which knows the log, the right totals', async () => {
    const { store, clock, open } = testLogs();
    const [other, repairer] = [open(), open()];
    for (let count = 0; count < 4; count += 1) await other.append(log, anEntry());
    store.values.set(`${log}:2`, '?');
    clock.ms += 60_000;
    await repairer.repair(log, byEntries);
    await other.append(log, anEntry());
    expect((await open().page(log, 10)).totals).toEqual({ count: 4, sums: { EUR: 400n } });
    expect((await inspect(open())).damages).toEqual([]);
  });

  test('wins against a writer that appends meanwhile', async () => {
    const { store, clock, open, ids } = aDamagedLog(5, remove(3));
    const other = open();
    store.beforeCreate = async (key) => {
      if (key !== `${log}:6`) return;
      store.beforeCreate = () => undefined;
      clock.ms += 1_000;
      await other.append(log, anEntry({ id: 'meanwhile', createdAtMs: clock.ms }));
    };
    await open().repair(log, byEntries);
    const found = await inspect(open());
    expect(found.damages).toEqual([]);
    expect([...found.ids].sort()).toEqual([...ids.filter((_id, index) => index !== 2), 'meanwhile'].sort());
    expect((await open().page(log, 10)).totals.count).toBe(5);
  });

  test('of a log whose totals also count erased entries subtracts only what was lost', async () => {
    const { store, clock, open } = testLogs({ ...testDefinition, duplicates: 'unchecked', isPlaced: true });
    const logs = open();
    for (let count = 0; count < 5; count += 1) await logs.append(log, anEntry());
    await logs.eraseEntries(log, { first: 2, last: 2 }, () => true);
    store.values.set(`${log}:3`, '?');
    clock.ms += 60_000;
    await open().repair(log, { replacesUnreadable: true, totals: 'kept' });
    expect((await open().page(log, 10)).totals).toEqual({ count: 4, sums: { EUR: 400n } });
    expect((await inspect(open())).damages).toEqual([]);
  });
});

test('places of a damaged log are read without the damage, on request', async () => {
  const { open, ids } = aDamagedLog(10, overwrite(4));
  const read = async (skipsDamaged: boolean) => {
    const found: string[] = [];
    for await (const { entry } of open().entriesAt(log, [1], { skipsDamaged })) found.push(entry.id);
    return found;
  };
  await expect(read(false)).rejects.toThrow(DamagedLogError);
  expect(await read(true)).toEqual(ids.filter((_id, index) => index !== 3));
});
