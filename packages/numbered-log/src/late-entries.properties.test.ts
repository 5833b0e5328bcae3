import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anEntry, log, startMs, testDefinition, type TestEntry } from '../test/fakes/test-logs.js';
import { NumberedLogs } from './numbered-logs.js';
import { encodeSegment, nextSegment, segmentDecoder } from './segment.js';
import { MemoryLogStore } from './testing/memory-log-store.js';

const minuteMs = 60_000;

/** A store whose calls take effect in an order that `wait` decides, and some of which fail. */
class SlowStore extends MemoryLogStore {
  wait: () => Promise<unknown> = () => Promise.resolve();
  faults: () => 'none' | 'before' | 'after' = () => 'none';

  async #around<Result>(call: () => Promise<Result>): Promise<Result> {
    await this.wait();
    const fault = this.faults();
    if (fault === 'before') throw new Error('the store is unavailable');
    const result = await call();
    await this.wait();
    if (fault === 'after') throw new Error('no response');
    return result;
  }

  override createIfAbsent: MemoryLogStore['createIfAbsent'] = (key, value) =>
    this.#around(() => super.createIfAbsent(key, value)).catch((cause: unknown) => ({
      created: false,
      cause,
    }));
  override getBulk: MemoryLogStore['getBulk'] = (keys) => this.#around(() => super.getBulk(keys));
  override save: MemoryLogStore['save'] = (key, value) => this.#around(() => super.save(key, value));
  override update: MemoryLogStore['update'] = (key, change) => this.#around(() => super.update(key, change));
}

/** Ids without a time begin with `key-`. */
const definition = {
  ...testDefinition,
  createdAtMsOf: ({ id, createdAtMs }: TestEntry) => (id.startsWith('key-') ? undefined : createdAtMs),
  happenedAtMsOf: () => Infinity,
};

/** Appends as version 0.1.0 does: it reads the log back and creates no marker, and its times can decrease. */
async function appendAsBefore(store: MemoryLogStore, entry: TestEntry, nowMs: number): Promise<void> {
  const decode = segmentDecoder(definition);
  for (let last = undefined, number = 1; ; number += 1) {
    const text = (await store.getBulk([`${log}:${number}`])).get(`${log}:${number}`);
    if (text !== undefined) {
      last = decode(log, number, text);
      if (last.entries.some((each) => each?.id === entry.id)) return;
      continue;
    }
    const segment = nextSegment(
      definition,
      { lastNumber: number - 1, totals: last?.totals ?? { count: 0, sums: {} } },
      {
        attempt: '2c5ea4c0-4067-41e9-8b6d-9b1deb4d3b7d',
        recordedAt: new Date(nowMs).toISOString(),
        entries: [entry],
      },
    );
    const { created } = await store.createIfAbsent(`${log}:${number}`, encodeSegment(segment));
    if (created) return;
    number -= 1;
  }
}

const steps = fc.array(
  fc.record({
    /** Which of a few entries are appended at the same time, each by which process. */
    appends: fc.array(fc.record({ entry: fc.nat(7), process: fc.nat(2), isBefore: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    }),
    laterMinutes: fc.constantFrom(0, 1, 15, 25, 90, 1440),
    others: fc.constantFrom(0, 1, 20, 150),
    restart: fc.option(fc.nat(2), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 12 },
);

test('an entry is recorded once, for any ids, clocks, delays, failures, restarts and versions', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 }),
      fc.infiniteStream(fc.nat(20)),
      fc.boolean(),
      async (all, skews, random, isUpgrading) => {
        const store = new SlowStore();
        let isQuiet = false;
        const roll = () => {
          const next = isQuiet ? undefined : random.next();
          return next?.done === false ? next.value : 0;
        };
        store.wait = async () => {
          for (let turns = roll() % 7; turns > 0; turns -= 1) await Promise.resolve();
        };
        store.faults = () => {
          const rolled = roll();
          return rolled === 20 ? 'before' : rolled === 19 ? 'after' : 'none';
        };
        const clock = { ms: startMs };
        const open = (process: number) =>
          new NumberedLogs(store, definition, () => new Date(clock.ms + (skews[process] ?? 0) * minuteMs));
        const processes = [open(0), open(1), open(2)];
        const entries = new Map<number, TestEntry>();
        /** An entry whose id is created when it is first appended, by a clock that differs from the others. */
        const entryOf = (index: number) => {
          const createdAtMs = clock.ms + (index - 4) * minuteMs;
          const entry =
            entries.get(index) ??
            anEntry({ createdAtMs, ...(index % 4 === 3 ? { id: `key-${index}` } : {}) });
          entries.set(index, entry);
          return entry;
        };
        const acknowledged = new Set<string>();
        for (const { appends, laterMinutes, others, restart } of all) {
          clock.ms += laterMinutes * minuteMs;
          if (restart !== undefined) processes[restart] = open(restart);
          await Promise.all(
            appends.map(async ({ entry: index, process, isBefore }) => {
              const entry = entryOf(index);
              if (isUpgrading && isBefore)
                await appendAsBefore(store, entry, clock.ms).then(
                  () => acknowledged.add(entry.id),
                  () => undefined,
                );
              else
                await (processes[process] ?? open(process)).append(log, entry).then(
                  () => acknowledged.add(entry.id),
                  () => undefined,
                );
            }),
          );
          isQuiet = true;
          const filler = open(0);
          for (let count = 0; count < others; count += 1)
            await filler.append(log, anEntry({ createdAtMs: clock.ms }));
          isQuiet = false;
        }
        isQuiet = true;
        const recorded: string[] = [];
        for await (const { entry } of open(0).entries(log)) recorded.push(entry.id);
        for (const { id, createdAtMs } of entries.values()) {
          const times = recorded.filter((each) => each === id).length;
          expect(times).toBeLessThanOrEqual(1);
          if (acknowledged.has(id)) expect(times).toBe(1);
          const found = await open(1).find(log, id, id.startsWith('key-') ? undefined : createdAtMs);
          expect(found?.entry.id).toBe(times === 1 ? id : undefined);
        }
        expect((await open(0).page(log, 1)).totals.count).toBe(recorded.length);
      },
    ),
    { numRuns: 200 },
  );
});
