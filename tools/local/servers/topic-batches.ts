import type { TakeEvents } from './component-definition.js';

/** Passes texts on, up to `max` at a time. The next ones are read when these were taken. */
export async function inBatches(texts: AsyncIterable<string>, max: number, take: TakeEvents): Promise<void> {
  let batch: string[] = [];
  for await (const text of texts) {
    batch.push(text);
    if (batch.length < max) continue;
    await take(batch);
    batch = [];
  }
  if (batch.length > 0) await take(batch);
}
