import {
  rebuildEventsBytesMax,
  rebuildEventsMax,
  rebuildShoppersMax,
  shopperKey,
} from '@unity-purchase/contracts';

/** How many shoppers are remembered. In a larger shop, some are compared more than once. */
const shoppersMax = 200_000;

/** Divides events into requests of a bounded size. An event that is too large for a request is a dead letter, and left out. */
export function* eventBatches(events: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    if (size > rebuildEventsBytesMax) continue;
    if (batch.length === rebuildEventsMax || bytes + size > rebuildEventsBytesMax) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** Divides shopper keys into requests. */
export function* shopperBatches(keys: readonly string[]): Generator<string[]> {
  for (let index = 0; index < keys.length; index += rebuildShoppersMax)
    yield keys.slice(index, index + rebuildShoppersMax);
}

/** Returns a function that returns the keys of the shoppers in some events whom it has not returned before. */
export function newShoppers(): (events: readonly string[]) => string[] {
  const known = new Set<string>();
  return (events) => {
    const added = new Set<string>();
    for (const event of events) {
      const subject = subjectOf(event);
      if (subject === undefined) continue;
      const key = shopperKey(subject);
      if (!known.has(key)) added.add(key);
    }
    if (known.size + added.size > shoppersMax) known.clear();
    for (const key of added) known.add(key);
    return [...added];
  };
}

function subjectOf(event: string): string | undefined {
  try {
    const { subject } = JSON.parse(event) as { subject?: unknown };
    return typeof subject === 'string' && subject !== '' ? subject : undefined;
  } catch {
    return undefined;
  }
}
