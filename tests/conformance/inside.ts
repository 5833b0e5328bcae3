import { purchasePlacedSchema, topics } from '@unity-purchase/contracts';
import type { TestBed } from './test-bed.js';

type Segment = { entries: unknown[] };

/**
 * Inspects broker and store directly once the backlog is empty: the topic holds every accepted purchase as a valid event,
 * and the store holds contiguous logs with every accepted purchase in one history, once. Rejects with the first violation.
 */
export async function readInside(testBed: TestBed): Promise<string> {
  const { buyers, broker, store, pair } = testBed;
  const events = await broker.messages(topics.purchaseEvents);
  const published = new Set(events.flatMap((text) => purchaseIdIn(text) ?? []));
  if (published.size < buyers.acceptedCount)
    throw new Error(`${pair.broker} holds ${published.size} of ${buyers.acceptedCount} accepted purchases`);

  const values = await store.values();
  const logs = new Map<string, Map<number, Segment>>();
  for (const [key, value] of values) {
    const [, log = '', number] = /^(.*):(\d+)$/.exec(key) ?? [];
    // A tail hint's key is the log's name without a number; journal shards end in a number, too.
    if (number === undefined || !value.includes('"entries"')) continue;
    const segments = logs.get(log) ?? new Map<number, Segment>();
    logs.set(log, segments.set(Number(number), JSON.parse(value) as Segment));
  }
  let recorded = 0;
  for (const [log, segments] of logs) {
    for (let number = 1; number <= segments.size; number += 1)
      if (!segments.has(number))
        throw new Error(`${log} has ${segments.size} segments, but number ${number} is missing`);
    if (log.startsWith('history:')) for (const { entries } of segments.values()) recorded += entries.length;
  }
  if (recorded !== buyers.acceptedCount)
    throw new Error(`${pair.store} holds ${recorded} purchases, and ${buyers.acceptedCount} were accepted`);
  const segmentCount = [...logs.values()].reduce((sum, segments) => sum + segments.size, 0);
  return `${events.length} events in the topic; ${recorded} purchases in ${segmentCount} segments of ${logs.size} logs without a gap`;
}

/** The purchase in a message, or undefined: the topic also holds malformed events. */
function purchaseIdIn(text: string): string | undefined {
  try {
    return purchasePlacedSchema.safeParse(JSON.parse(text)).data?.data.purchaseId;
  } catch {
    return undefined;
  }
}
