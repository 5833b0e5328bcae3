import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { onTimeMemoryMs } from '../../src/late-markers.js';
import type { LogDefinition } from '../../src/log-definition.js';
import type { LogPage, Position } from '../../src/log-page.js';
import { entriesOf } from '../../src/log-page.js';
import { NumberedLogs } from '../../src/numbered-logs.js';
import { hintInterval } from '../../src/segment-reader.js';
import { encodeSegment } from '../../src/segment.js';
import { MemoryLogStore } from '../../src/testing/memory-log-store.js';

const entrySchema = z.strictObject({
  id: z.string(),
  createdAtMs: z.number(),
  text: z.string(),
  amount: z.int(),
});

export type TestEntry = z.infer<typeof entrySchema>;

export const testDefinition: LogDefinition<TestEntry> = {
  schema: entrySchema,
  idOf: ({ id }) => id,
  fingerprintOf: ({ text, amount }) => `${amount} ${text}`,
  createdAtMsOf: ({ createdAtMs }) => createdAtMs,
  happenedAtMsOf: ({ createdAtMs }) => createdAtMs,
  amountOf: ({ amount }) => ({ amount, unit: 'EUR' }),
  rememberedMs: onTimeMemoryMs,
  duplicates: 'detected',
};

export const startMs = Date.UTC(2026, 0, 1);

/** The log that the tests write to. */
export const log = 'diary';

let sequence = 0;

/** A valid entry. Each call returns another id. */
export function anEntry(change: Partial<TestEntry> = {}): TestEntry {
  sequence += 1;
  return { id: `entry-${sequence}`, createdAtMs: startMs, text: 'Went for a walk', amount: 100, ...change };
}

/** Logs over a store in memory. `open` opens them as another process would, with nothing in memory. */
export function testLogs(definition: LogDefinition<TestEntry> = testDefinition) {
  const store = new MemoryLogStore();
  const clock = { ms: startMs };
  const open = () => new NumberedLogs(store, definition, () => new Date(clock.ms));
  return { store, clock, open, logs: open() };
}

/** Stores a log with one entry in each segment, recorded at these times, as the writers of this version would. */
export function seedLog(
  store: MemoryLogStore,
  recordedAtMs: readonly number[],
  attempt = `${randomUUID()}/0/0`,
) {
  const entries = recordedAtMs.map((createdAtMs) => anEntry({ createdAtMs }));
  entries.forEach((entry, index) => {
    const count = index + 1;
    const recordedAt = new Date(entry.createdAtMs).toISOString();
    const totals = { count, sums: { EUR: BigInt(count * 100) } };
    store.values.set(
      `${log}:${count}`,
      encodeSegment({ number: count, recordedAt, attempt, entries: [entry], totals }),
    );
  });
  const hint = recordedAtMs.length - (recordedAtMs.length % hintInterval);
  if (hint > 0) store.values.set(log, JSON.stringify({ segment: hint }));
  return entries;
}

export const idsOf = (page: LogPage<TestEntry>) => entriesOf(page).map(({ entry }) => entry.id);

/** The pages from a position on, in one direction. */
export async function readPages(
  logs: NumberedLogs<TestEntry>,
  limit: number,
  which: 'next' | 'previous' = 'next',
  start?: Position,
): Promise<LogPage<TestEntry>[]> {
  const direction = which === 'next' ? 'older' : 'newer';
  const pages: LogPage<TestEntry>[] = [];
  for (let position = start; pages.length === 0 || position !== undefined; position = pages.at(-1)?.[which])
    pages.push(await logs.page(log, limit, position && { position, direction }));
  return pages;
}

/** The ids of all entries, oldest first, read page by page. */
export async function readAllIds(logs: NumberedLogs<TestEntry>, limit = 7): Promise<string[]> {
  return (await readPages(logs, limit)).flatMap(idsOf).reverse();
}

export function segmentNumbers(store: MemoryLogStore): number[] {
  return [...store.values.keys()]
    .filter((key) => key.startsWith(`${log}:`))
    .map((key) => Number(key.split(':').at(-1)))
    .sort((one, other) => one - other);
}
