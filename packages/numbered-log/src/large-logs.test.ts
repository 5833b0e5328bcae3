import { describe, expect, test } from '@jest/globals';
import { LargeLogStore, type LogTimes } from '../test/fakes/large-log.js';
import { anEntry, log, startMs, testDefinition, type TestEntry } from '../test/fakes/test-logs.js';
import { NumberedLogs } from './numbered-logs.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What one entry may cost: a purchase has one call more, for the journal, and one for each hundred around its id's time. */
const callsMax = 7;

/** Entries at equal distances, up to the present. */
const even = (length: number, forMs: number): LogTimes => ({
  length,
  recordedMsOf: (number) => startMs - Math.floor(((length - number) * forMs) / length) - 1000,
});

/** Nearly all entries in one minute of yesterday, and a thousand before and after that: positions say nothing about times. */
const inOneMinute = (length: number): LogTimes => ({
  length,
  recordedMsOf: (number) => {
    const burstMs = startMs - 12 * hourMs;
    if (number <= 1000) return burstMs - (1001 - number) * minuteMs;
    if (number > length - 1000) return startMs - (length - number) * 40_000 - 1000;
    return burstMs + Math.floor((number / length) * minuteMs);
  },
});

/** How many entries are recorded within half an hour of a time. */
function countAround({ length, recordedMsOf }: LogTimes, ms: number): number {
  const firstAtOrAfter = (timeMs: number) => {
    let [low, high] = [1, length + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (recordedMsOf(middle) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return firstAtOrAfter(ms + hourMs / 2) - firstAtOrAfter(ms - hourMs / 2);
}

const shapes: [string, LogTimes][] = [
  ['14,074 in a day', even(14_074, dayMs)],
  ['900,000 in ten years', even(900_000, 3650 * dayMs)],
  ['900,000 in a minute', inOneMinute(900_000)],
  ['40 million in a minute', inOneMinute(40_000_000)],
];

describe.each(shapes)('in a log of %s', (_shape, times) => {
  function aLargeLog() {
    const store = new LargeLogStore(times);
    const clock = { ms: startMs };
    const open = () => new NumberedLogs(store, testDefinition, () => new Date(clock.ms));
    /** Appends an entry and requires the bound. */
    const appendWithin = async (
      logs: ReturnType<typeof open>,
      entry: TestEntry,
      { outcome = 'recorded', recentlyAround = 0 } = {},
    ) => {
      const calls = await store.callsDuring(async () => {
        expect(await logs.append(log, entry)).toBe(outcome);
      });
      const around = countAround(times, entry.createdAtMs) + recentlyAround;
      const max = callsMax + Math.ceil(around / 100);
      expect({ calls: calls.length, isWithin: calls.length <= max }).toEqual({
        calls: calls.length,
        isWithin: true,
      });
    };
    return { store, clock, open, appendWithin };
  }

  const ages: [string, number][] = [
    ['a new id', 0],
    ['an id of half an hour ago', hourMs / 2],
    ['an id of 6 hours ago', 6 * hourMs],
    ['an id of 23 hours ago', 23 * hourMs],
  ];

  test('recording an entry without a time in its id takes few calls, in a cold and in a warm process', async () => {
    const store = new LargeLogStore(times);
    const definition = { ...testDefinition, createdAtMsOf: () => undefined };
    const open = () => new NumberedLogs(store, definition, () => new Date(startMs));
    const entry = anEntry();
    const logs = open();
    for (const [writer, appended, outcome] of [
      [logs, anEntry(), 'recorded'],
      [logs, entry, 'recorded'],
      [logs, entry, 'duplicate'],
      [open(), entry, 'duplicate'],
    ] as const) {
      const calls = await store.callsDuring(async () => {
        expect(await writer.append(log, appended)).toBe(outcome);
      });
      expect(calls.length).toBeLessThanOrEqual(callsMax);
    }
  });

  describe.each(ages)('recording an entry with %s takes few calls', (_age, ageMs) => {
    const aNew = () => anEntry({ createdAtMs: startMs - ageMs });

    test('in a process that knows nothing', async () => {
      const { open, appendWithin } = aLargeLog();
      const entry = aNew();
      await appendWithin(open(), entry);
      await appendWithin(open(), entry, { outcome: 'duplicate' });
    });

    test('in every one of forty processes, so that the tail hint is stored', async () => {
      const { open, appendWithin } = aLargeLog();
      for (let count = 0; count < 40; count += 1) await appendWithin(open(), aNew());
    });

    test('in a process that recorded a new purchase before', async () => {
      const { open, appendWithin } = aLargeLog();
      const logs = open();
      await appendWithin(logs, anEntry());
      await appendWithin(logs, aNew());
    });

    test('when the newest tail hint was lost', async () => {
      const { store, open, appendWithin } = aLargeLog();
      store.loseHints(1);
      await appendWithin(open(), aNew());
    });

    test.each([3, 100, 1000])(
      'in a process that did nothing while others recorded %i entries',
      async (others) => {
        const { clock, open, appendWithin } = aLargeLog();
        const logs = open();
        await appendWithin(logs, anEntry());
        const other = open();
        for (let count = 0; count < others; count += 1)
          await other.append(log, anEntry({ createdAtMs: (clock.ms += 100) }));
        await appendWithin(logs, anEntry({ createdAtMs: clock.ms - ageMs }), {
          recentlyAround: ageMs <= hourMs / 2 ? others : 0,
        });
      },
    );
  });
});

test.each([17, 100, 5000, 2_000_000])(
  'finds the end of a log in few calls when its tail hint is %i segments behind',
  async (behind) => {
    const store = new LargeLogStore(even(4_000_000, 3650 * dayMs));
    store.values.set(log, JSON.stringify({ segment: 4_000_000 - behind }));
    const logs = new NumberedLogs(store, testDefinition, () => new Date(startMs));
    const calls = await store.callsDuring(async () => {
      expect((await logs.page(log, 1)).lastNumber).toBe(4_000_000);
    });
    expect(calls.length).toBeLessThanOrEqual(9);
  },
);

describe('in a log of a million entries as few calls as in one of ten thousand are taken by', () => {
  const years = 730 * dayMs;
  const lengths = [10_000, 1_000_000];
  const months = Array.from({ length: 24 }, (_, month) => startMs - (month + 0.37) * 30 * dayMs);
  /** Everyone sleeps at night, buys more in December, and each entry is late by a few minutes. */
  const uneven = (length: number): LogTimes => ({
    length,
    recordedMsOf: (number) => {
      const share = number / length;
      const season = 0.02 * Math.sin(share * 2 * Math.PI * 2);
      const day = 0.0004 * Math.sin(share * 730 * 2 * Math.PI);
      return Math.floor(startMs - years * (1 - share - (season + day) * (1 - share)));
    },
  });

  test.each([
    ['the sums of 24 months', (logs: NumberedLogs<TestEntry>) => logs.totalsAt(log, months)],
    [
      'a page of one month',
      (logs: NumberedLogs<TestEntry>) =>
        logs.pageBetween(log, 20, { fromMs: months[11] ?? 0, toMs: months[10] ?? 0 }),
    ],
    [
      'finding an entry',
      (logs: NumberedLogs<TestEntry>) => logs.find(log, 'missing', (months[7] ?? 0) + 12_345),
    ],
  ])('%s', async (_operation, work) => {
    for (const shape of [even, uneven]) {
      const calls = await Promise.all(
        lengths.map(async (length) => {
          const store = new LargeLogStore(shape(length, years));
          const logs = new NumberedLogs(store, testDefinition, () => new Date(startMs));
          await logs.page(log, 1);
          return (await store.callsDuring(() => work(logs))).length;
        }),
      );
      const [few = 0, many] = calls;
      // Where times do not follow positions, each round of the search still divides the log by a large number.
      expect(many).toBeLessThanOrEqual(shape === even ? few : few + 2);
    }
  });
});
