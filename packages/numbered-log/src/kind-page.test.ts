import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LargeLogStore } from '../test/fakes/large-log.js';
import { anEntry, log, startMs, testDefinition, testLogs, type TestEntry } from '../test/fakes/test-logs.js';
import { InvalidCursorError } from './log-errors.js';
import { NumberedLogs } from './numbered-logs.js';
import { encodeSegment } from './segment.js';

/** Tests tell the kind of an entry by its text. */
const kindOf = ({ text }: TestEntry) => text;
const definition = { ...testDefinition, duplicates: 'unchecked', kindOf } as const;

/** The ids of all entries of a kind, newest first, read page by page, and how many pages that took. */
async function readAll(logs: NumberedLogs<TestEntry>, kind: string, limit: number) {
  const ids: string[] = [];
  let pages = 0;
  let position;
  do {
    const page = await logs.pageOfKind(log, kind, limit, position);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ids.push(...page.items.map(({ entry }) => entry.id));
    position = page.next;
    pages += 1;
  } while (position !== undefined);
  return { ids, pages };
}

describe('pages of one kind', () => {
  test('have exactly its entries, newest first, also if older versions wrote some of the segments', async () => {
    const writes = fc.array(
      fc.record({
        isOld: fc.boolean(),
        kinds: fc.array(fc.constantFrom('rare', 'common', 'common', 'common'), {
          minLength: 1,
          maxLength: 3,
        }),
        times: fc.integer({ min: 1, max: 60 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(writes, fc.constantFrom(1, 3, 20), async (each, limit) => {
        const { store } = testLogs();
        const now = () => new Date(startMs);
        const writers = [
          new NumberedLogs(store, definition, now),
          new NumberedLogs<TestEntry>(store, { ...testDefinition, duplicates: 'unchecked' }, now),
        ] as const;
        const written: TestEntry[] = [];
        for (const { isOld, kinds, times } of each)
          for (let time = 0; time < times; time += 1) {
            const entries = kinds.map((text) => anEntry({ text }));
            const writer = writers[isOld ? 1 : 0];
            await Promise.all(entries.map((entry) => writer.append(log, entry)));
            written.push(...entries);
          }
        for (const kind of ['rare', 'common', 'never']) {
          const expected = written.filter(({ text }) => text === kind).map(({ id }) => id);
          const { ids } = await readAll(new NumberedLogs(store, definition, now), kind, limit);
          expect(ids).toEqual(expected.toReversed());
        }
      }),
      { numRuns: 40 },
    );
  });

  test('end with the oldest entry of the kind, without an empty page', async () => {
    const { open } = testLogs(definition);
    for (let count = 0; count < 40; count += 1)
      await open().append(log, anEntry({ text: count % 10 === 5 ? 'rare' : 'common' }));
    expect(await readAll(open(), 'rare', 2)).toMatchObject({ pages: 2 });
    expect(await readAll(open(), 'rare', 4)).toMatchObject({ pages: 1 });
  });

  test('begin at a position of the log, and refuse one that is not in it', async () => {
    const { open } = testLogs(definition);
    const entries = ['rare', 'common', 'rare'].map((text) => anEntry({ text }));
    for (const entry of entries) await open().append(log, entry);
    const page = await open().pageOfKind(log, 'rare', 5, { segment: 2, index: 1 });
    expect(page.items.map(({ entry }) => entry.id)).toEqual([entries[0]?.id]);
    for (const position of [
      { segment: 4, index: 0 },
      { segment: 1, index: 2 },
    ])
      await expect(open().pageOfKind(log, 'rare', 5, position)).rejects.toThrow(InvalidCursorError);
    await expect(
      testLogs(definition).logs.pageOfKind(log, 'rare', 5, { segment: 1, index: 0 }),
    ).rejects.toThrow();
  });

  test('are empty for an empty log, and impossible for a log that does not count kinds', async () => {
    expect((await testLogs(definition).logs.pageOfKind(log, 'rare', 5)).items).toEqual([]);
    await expect(testLogs().logs.pageOfKind(log, 'rare', 5)).rejects.toThrow('does not count kinds');
  });
});

const length = 1_000_000;

describe('a page of one kind in a log of a million segments', () => {
  const large = (
    isRare: (number: number) => boolean,
    isCounted: (number: number) => boolean = () => true,
  ) => {
    // The counts up to each thousandth segment, so that any segment is made quickly.
    const milestones = [0];
    for (let number = 1, rare = 0; number <= length; number += 1) {
      if (isRare(number)) rare += 1;
      if (number % 1_000 === 0) milestones.push(rare);
    }
    const rareUpTo = (number: number) => {
      const start = number - (number % 1_000);
      let rare = milestones[start / 1_000] ?? 0;
      for (let each = start + 1; each <= number; each += 1) if (isRare(each)) rare += 1;
      return rare;
    };
    const store = new LargeLogStore({
      length,
      recordedMsOf: (number) => startMs + number,
      textOf: (number) => (isRare(number) ? 'rare' : 'common'),
      kindsOf: (number) => {
        if (!isCounted(number)) return undefined;
        const rare = rareUpTo(number);
        return { rare, common: number - rare };
      },
    });
    return { store, open: () => new NumberedLogs(store, definition, () => new Date(startMs + length)) };
  };

  test.each([
    ['the first and the last entry are', (number: number) => number === 1 || number === length, 2],
    ['every 5,000th entry is', (number: number) => number % 5_000 === 0, 20],
    ['every 25th entry is', (number: number) => number % 25 === 0, 20],
    ['a thousand in a row are', (number: number) => number > 500_000 && number <= 501_000, 20],
    ['the square numbers are', (number: number) => Number.isInteger(Math.sqrt(number)), 20],
  ])('takes at most a dozen calls if %s of the kind', async (_what, isRare, found) => {
    const { store, open } = large(isRare);
    const calls = await store.callsDuring(async () => {
      expect((await open().pageOfKind(log, 'rare', 20)).items).toHaveLength(found);
    });
    expect(calls.length).toBeLessThanOrEqual(12);
  });

  test('takes at most twenty calls for the largest page', async () => {
    const { store, open } = large((number) => number % 5_000 === 0);
    const calls = await store.callsDuring(async () => {
      expect((await open().pageOfKind(log, 'rare', 100)).items).toHaveLength(100);
    });
    expect(calls.length).toBeLessThanOrEqual(20);
  });

  test('takes one call if the newest entries are of the kind, in a process that knows the log', async () => {
    const { store, open } = large((number) => number % 3 === 0);
    const logs = open();
    await logs.pageOfKind(log, 'common', 20);
    const calls = await store.callsDuring(() => logs.pageOfKind(log, 'common', 20));
    expect(calls).toHaveLength(1);
  });

  test('ends early if an older version wrote everything, and continues', async () => {
    const { store, open } = large(
      (number) => number === 999_500 || number === 998_000,
      () => false,
    );
    const logs = open();
    let first;
    const calls = await store.callsDuring(async () => {
      first = await logs.pageOfKind(log, 'rare', 20);
    });
    expect(calls.length).toBeLessThanOrEqual(15);
    expect(first).toMatchObject({ items: [{ entry: { id: 'earlier-999500' } }] });
    const { next } = first as unknown as Awaited<ReturnType<typeof logs.pageOfKind>>;
    expect(await logs.pageOfKind(log, 'rare', 20, next)).toMatchObject({
      items: [{ entry: { id: 'earlier-998000' } }],
    });
  });

  test('finds what was written before and after a downgrade to an older version', async () => {
    const { store, open } = large(
      (number) => number === 999_990 || number === 4_000,
      (number) => number <= 999_900,
    );
    const calls = await store.callsDuring(async () => {
      const { items } = await open().pageOfKind(log, 'rare', 20);
      expect(items.map(({ entry }) => entry.id)).toEqual(['earlier-999990', 'earlier-4000']);
    });
    expect(calls.length).toBeLessThanOrEqual(15);
  });
});

test('a segment without kinds is stored as before', () => {
  const stored = encodeSegment({
    number: 1,
    recordedAt: new Date(startMs).toISOString(),
    attempt: 'a',
    entries: [],
    totals: { count: 0, sums: {} },
  });
  expect(stored).toBe(
    '{"version":1,"recordedAt":"2026-01-01T00:00:00.000Z","attempt":"a","entries":[],"totals":{"count":0,"sums":{}}}',
  );
});
