import { purchasePlacedSchema, topics } from '@unity-purchase/contracts';
import type { Lab } from './lab.js';

type Segment = { entries: unknown[] };

/**
 * Looks behind Dapr's back, where nothing waits any more: the topic holds every accepted purchase as a valid event, the
 * store holds the logs without a gap, with every accepted purchase in a history once. Throws with what is not so.
 */
export async function readInside(lab: Lab): Promise<string> {
  const { buyers, broker, store, pair } = lab;
  const events = await broker.messages(topics.purchaseEvents);
  const published = new Set(
    events.flatMap((text) => purchasePlacedSchema.safeParse(JSON.parse(text)).data?.data.purchaseId ?? []),
  );
  if (published.size < buyers.acceptedCount)
    throw new Error(`${pair.broker} holds ${published.size} of ${buyers.acceptedCount} accepted purchases`);

  const values = await store.values();
  const logs = new Map<string, Map<number, Segment>>();
  for (const [key, value] of values) {
    const [, log = '', number] = /^(.*):(\d+)$/.exec(key) ?? [];
    // The hint of a log has its name and no number; shards of the journal end in one, too.
    if (number === undefined || !value.includes('"entries"')) continue;
    const segments = logs.get(log) ?? new Map<number, Segment>();
    logs.set(log, segments.set(Number(number), JSON.parse(value) as Segment));
  }
  let recorded = 0;
  for (const [log, segments] of logs) {
    for (let number = 1; number <= segments.size; number += 1)
      if (!segments.has(number))
        throw new Error(`${log} has ${segments.size} segments, but no number ${number}`);
    if (log.startsWith('history:')) for (const { entries } of segments.values()) recorded += entries.length;
  }
  if (recorded !== buyers.acceptedCount)
    throw new Error(`${pair.store} holds ${recorded} purchases, and ${buyers.acceptedCount} were accepted`);
  const segmentCount = [...logs.values()].reduce((sum, segments) => sum + segments.size, 0);
  return `${events.length} events in the topic; ${recorded} purchases in ${segmentCount} segments of ${logs.size} logs without a gap`;
}
