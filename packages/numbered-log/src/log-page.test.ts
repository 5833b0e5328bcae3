import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  anEntry,
  idsOf,
  log,
  readAllIds,
  readPages,
  segmentNumbers,
  startMs,
  testLogs,
} from '../test/fakes/test-logs.js';
import { InvalidCursorError } from './log-errors.js';
import type { Position } from './log-page.js';

function setUp() {
  const { store, clock, open, logs } = testLogs();
  /** Appends entries at the same time, so that they share segments. */
  const append = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () => {
        clock.ms += 1;
        return logs.append(log, anEntry({ createdAtMs: clock.ms }));
      }),
    );
  const appendOneByOne = async (count: number) => {
    for (let index = 0; index < count; index += 1) await append(1);
  };
  const erase = () => {
    clock.ms += 1;
    return logs.eraseAll(log);
  };
  return { store, clock, open, logs, append, appendOneByOne, erase };
}

const older = (position: Position | undefined) => position && ({ position, direction: 'older' } as const);
const newer = (position: Position | undefined) => position && ({ position, direction: 'newer' } as const);

describe('consecutive pages', () => {
  const minute = 60_000;

  /** Entries a minute apart. Every third segment has two. */
  async function diary(count: number) {
    const test = setUp();
    const entries: { id: string; ms: number }[] = [];
    while (entries.length < count) {
      test.clock.ms += minute;
      const { ms } = test.clock;
      const together = Array.from({ length: entries.length % 3 === 0 ? 2 : 1 }, () =>
        anEntry({ createdAtMs: ms }),
      );
      await Promise.all(together.map((entry) => test.logs.append(log, entry)));
      for (const { id } of together) entries.unshift({ id, ms });
    }
    return { ...test, entries };
  }

  async function idsOfPages(pages: AsyncIterable<Parameters<typeof idsOf>[0]>) {
    const ids: string[][] = [];
    for await (const page of pages) ids.push(idsOf(page));
    return ids;
  }

  test('have the entries of a period once, newest first, before a position if there is one', async () => {
    const { open, entries } = await diary(50);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: -5, max: 60 }),
        fc.integer({ min: 0, max: 60 }),
        async (limit, from, length) => {
          const fromMs = startMs + from * minute;
          const toMs = fromMs + length * minute;
          const expected = entries.filter(({ ms }) => ms >= fromMs && ms < toMs).map(({ id }) => id);
          const between = { fromMs, toMs };
          expect((await idsOfPages(open().pages(log, limit, { between }))).flat()).toEqual(expected);
          for await (const { items } of open().pages(log, limit, { between })) {
            const before = items.at(-1)?.position;
            const rest = await idsOfPages(open().pages(log, limit, { between, before }));
            if (before !== undefined) expect(rest.flat()).toEqual(expected.slice(items.length));
            break;
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('take one call each, and only as many as are read', async () => {
    const { store, open, entries } = await diary(60);
    const logs = open();
    await logs.page(log, 1);
    const calls = await store.callsDuring(async () => {
      for await (const page of logs.pages(log, 20)) {
        expect(idsOf(page)).toEqual(entries.slice(0, 20).map(({ id }) => id));
        break;
      }
    });
    expect(calls).toHaveLength(1);
    expect(await store.callsDuring(() => idsOfPages(logs.pages(log, 20)))).toHaveLength(3);
  });

  test('are one empty page if the log or the period has no entries', async () => {
    const { open } = await diary(5);
    expect(await idsOfPages(open().pages('unknown', 20))).toEqual([[]]);
    const between = { fromMs: 0, toMs: 1 };
    expect(await idsOfPages(open().pages('unknown', 20, { between }))).toEqual([[]]);
    expect(await idsOfPages(open().pages(log, 20, { between }))).toEqual([[]]);
  });
});

describe('a page', () => {
  test('of an unknown log is empty, and takes one call', async () => {
    const { store, logs } = setUp();
    const calls = await store.callsDuring(async () => {
      const page = await logs.page(log, 10);
      expect(page).toMatchObject({ items: [], totals: { count: 0, sums: {} }, next: undefined });
    });
    expect(calls).toEqual(['get 2']);
  });

  test('follows the one before, so that all pages have every entry once, newest first', async () => {
    const { store, logs, open } = setUp();
    const entries = Array.from({ length: 57 }, () => anEntry());
    await Promise.all(entries.slice(0, 30).map((entry) => logs.append(log, entry)));
    for (const entry of entries.slice(30)) await open().append(log, entry);
    expect(segmentNumbers(store).length).toBeGreaterThan(27);
    for (const limit of [1, 2, 7, 56, 57, 100])
      expect(await readAllIds(open(), limit)).toEqual(entries.map(({ id }) => id));
  });

  test('has the entries that another process recorded meanwhile', async () => {
    const { logs, open, appendOneByOne } = setUp();
    const other = open();
    await appendOneByOne(1);
    await other.page(log, 10);
    await appendOneByOne(40);
    expect((await other.page(log, 1)).totals.count).toBe(41);
    expect(await readAllIds(other)).toEqual(await readAllIds(logs));
  });

  test.each([1, 40, 1000])('of %i entries takes two calls without a hint and one with it', async (count) => {
    const { store, open, appendOneByOne } = setUp();
    await appendOneByOne(count);
    const reader = open();
    expect(await store.callsDuring(() => reader.page(log, 20))).toEqual([
      'get 2',
      expect.stringMatching(/^get/),
    ]);
    expect(await store.callsDuring(() => reader.page(log, 20))).toHaveLength(1);
  });

  test('takes few calls for a reader whose hint is far behind', async () => {
    const { store, open, appendOneByOne } = setUp();
    const reader = open();
    await appendOneByOne(1);
    await reader.page(log, 20);
    await appendOneByOne(1000);
    const calls = await store.callsDuring(async () => {
      expect((await reader.page(log, 20)).totals.count).toBe(1001);
    });
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  test('is found although every tail hint was lost', async () => {
    const { store, open, appendOneByOne } = setUp();
    store.saveFaults = 1000;
    await appendOneByOne(300);
    expect(store.values.has(log)).toBe(false);
    expect((await open().page(log, 1)).totals.count).toBe(300);
  });

  test('at a cursor has the running totals of the whole log, also for a reader that is far behind', async () => {
    const { open, logs, appendOneByOne } = setUp();
    await appendOneByOne(2);
    const behind = Array.from({ length: 3 }, open);
    for (const reader of behind) await reader.page(log, 1);
    await appendOneByOne(300);
    const positions = (await readPages(logs, 100)).flatMap(({ next }) => next ?? []);
    expect(positions).toHaveLength(3);
    for (const [index, position] of positions.entries())
      expect((await behind[index]?.page(log, 100, older(position)))?.totals.count).toBe(302);
  });

  test.each([
    { segment: 9, index: 0 },
    { segment: 1, index: 9 },
  ])('is refused at a position that the log does not have: %j', async (position) => {
    const { logs, append } = setUp();
    await append(1);
    for (const from of [older(position), newer(position)])
      await expect(logs.page(log, 10, from)).rejects.toThrow(InvalidCursorError);
  });
});

describe('the page of newer entries', () => {
  test('leads from the last page through the same pages back to the newest', async () => {
    const steps = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constant('erase' as const), fc.constant('alone' as const)),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 100 }), async (each, limit) => {
        const { logs, append, open, erase } = setUp();
        for (const step of each) {
          if (step === 'erase') await erase();
          else await append(step === 'alone' ? 1 : step);
        }
        const there = await readPages(open(), limit);
        expect(there[0]?.previous).toBeUndefined();
        expect(there.slice(0, -1).every((page) => idsOf(page).length === limit)).toBe(true);
        expect(there.flatMap(idsOf)).toHaveLength(there[0]?.totals.count ?? 0);
        const last = there.at(-1);
        if (there.length === 1) return;
        const back = await readPages(open(), limit, 'previous', last?.previous);
        expect(back.map(idsOf).reverse()).toEqual(there.slice(0, -1).map(idsOf));
        expect(back.map(({ totals }) => totals)).toEqual(back.map(() => last?.totals));
        // From each of these pages, older pages lead to the end again.
        for (const [index, page] of back.entries())
          expect((await readPages(logs, limit, 'next', page.next)).length).toBe(index + 1);
      }),
      { numRuns: 60 },
    );
  });

  test('is the newest page, and a full one, if fewer entries are newer than a page holds', async () => {
    const { logs, appendOneByOne } = setUp();
    await appendOneByOne(10);
    const newest = await logs.page(log, 4);
    const second = await logs.page(log, 3, older(newest.next));
    const previous = await logs.page(log, 5, newer(second.previous));
    expect(idsOf(previous)).toEqual(idsOf(await logs.page(log, 5)));
    expect(previous.previous).toBeUndefined();
  });

  test('leads page by page to the entries that were appended meanwhile', async () => {
    const { logs, appendOneByOne } = setUp();
    await appendOneByOne(4);
    const first = await logs.page(log, 2);
    const second = await logs.page(log, 2, older(first.next));
    await appendOneByOne(5);
    const back = await readPages(logs, 2, 'previous', second.previous);
    expect(back.map((page) => idsOf(page).length)).toEqual([2, 2, 2, 2]);
    expect(new Set([...back, second].flatMap(idsOf)).size).toBe(9);
    expect(idsOf(back[0] ?? first)).toEqual(idsOf(first));
  });

  test('is the newest page if the entries at the position were erased', async () => {
    for (const count of [0, 1, 3, 250]) {
      const { logs, appendOneByOne, erase } = setUp();
      await appendOneByOne(200);
      const first = await logs.page(log, 2);
      const second = await logs.page(log, 2, older(first.next));
      await erase();
      await erase();
      await appendOneByOne(count);
      const newest = await logs.page(log, 2);
      expect(newest.items).toHaveLength(Math.min(count, 2));
      expect(await logs.page(log, 2, newer(second.previous))).toEqual(newest);
      const gone = await logs.page(log, 2, older(second.next));
      expect([idsOf(gone), gone.totals]).toEqual([[], newest.totals]);
      expect(await logs.page(log, 2, newer(gone.previous))).toEqual(newest);
    }
  });

  test.each([30, 1000])(
    'takes one call in the middle of %i entries, and two at the newest',
    async (count) => {
      const { store, logs, append, appendOneByOne } = setUp();
      await appendOneByOne(count);
      const pages = await readPages(logs, 7);
      const costOf = async (position: Position | undefined) => {
        const calls = await store.callsDuring(() => logs.page(log, 7, newer(position)));
        expect(Math.max(...calls.map((call) => Number(call.split(' ').at(-1))))).toBeLessThanOrEqual(120);
        return calls.length;
      };
      expect(await costOf(pages.at(-1)?.previous)).toBe(1);
      expect(await costOf(pages[1]?.previous)).toBe(1);
      await append(1);
      const stale = await logs.page(log, 3);
      expect(await costOf((await logs.page(log, 3, older(stale.next))).previous)).toBe(2);
    },
  );
});

describe('entriesBefore', () => {
  test('has every entry once, newest first, whatever the positions are, in one call for each hundred segments', async () => {
    const { open, store } = testLogs();
    const entries = Array.from({ length: 250 }, () => [anEntry(), anEntry()]);
    for (const pair of entries) {
      const logs = open();
      await Promise.all(pair.map((entry) => logs.append(log, entry)));
    }
    const written = entries.flat().map(({ id }) => id);
    const logs = open();
    const read: { id: string | undefined; position: Position }[] = [];
    let next: Position | undefined;
    await logs.entriesBefore(log);
    const calls = await store.callsDuring(async () => {
      do {
        const part = await logs.entriesBefore(log, next);
        read.push(...part.items.map(({ entry, position }) => ({ id: entry?.id, position })));
        next = part.next;
      } while (next !== undefined);
    });
    expect(read.map(({ id }) => id)).toEqual(written.toReversed());
    // At most 500 segments.
    expect(calls.length).toBeLessThanOrEqual(6);
    for (const index of [0, 1, 250, 498]) {
      const part = await open().entriesBefore(log, read[index]?.position);
      expect(part.items[0]?.entry?.id).toBe(read[index + 1]?.id);
    }
    await expect(open().entriesBefore(log, { segment: 1000, index: 0 })).rejects.toThrow(InvalidCursorError);
    expect(await testLogs().logs.entriesBefore(log)).toMatchObject({ items: [], next: undefined });
  });
});

describe('pageBetween', () => {
  test('has the entries recorded from one time until before another, with the totals of all', async () => {
    const { clock, logs, open } = setUp();
    const ids: string[] = [];
    for (let index = 0; index < 200; index += 1) {
      clock.ms = startMs + index * 1000;
      const entry = anEntry({ createdAtMs: clock.ms });
      ids.unshift(entry.id);
      await logs.append(log, entry);
    }
    for (const [first, last] of [
      [0, 200],
      [0, 1],
      [50, 60],
      [199, 300],
      [300, 400],
    ] as const) {
      const period = { fromMs: startMs + first * 1000, toMs: startMs + last * 1000 };
      const seen: string[] = [];
      let position: Position | undefined;
      do {
        const page = await open().pageBetween(log, 7, period, older(position));
        seen.push(...idsOf(page));
        expect(page.totals.count).toBe(200);
        position = page.next;
      } while (position !== undefined);
      expect(seen.reverse()).toEqual(ids.toReversed().slice(first, last));
    }
  });
});
