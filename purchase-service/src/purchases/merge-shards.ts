import {
  logStart,
  positionAfter,
  type LogPage,
  type Position,
  type RecordedEntry,
} from '@unity-purchase/numbered-log';

/**
 * Merges a page of each shard into one page, newest first, with each id once. `positions` are the positions up to which each
 * shard was read. If a shard has more entries than its page, its next entry may be the newest: the merged page ends there.
 */
export function mergeShards<Entry>(
  shards: readonly Pick<LogPage<Entry>, 'items' | 'next'>[],
  limit: number,
  starts: readonly Position[],
  idOf: (entry: Entry) => string,
): { entries: RecordedEntry<Entry>[]; positions: Position[] } {
  const positions = shards.map(({ items }, shard) => starts[shard] ?? endOf(items[0]?.position));
  const next = shards.map(() => 0);
  const entries = new Map<string, RecordedEntry<Entry>>();
  while (entries.size < limit) {
    const shard = shardOfNewest(shards, next);
    const item = shards[shard]?.items[next[shard] ?? 0];
    if (item === undefined) break;
    const { entry, recordedAt, position } = item;
    next[shard] = (next[shard] ?? 0) + 1;
    positions[shard] = position;
    if (entry !== null && !entries.has(idOf(entry))) entries.set(idOf(entry), { entry, recordedAt });
    if (shards[shard]?.next !== undefined && next[shard] === shards[shard].items.length) break;
  }
  return { entries: [...entries.values()], positions };
}

/** The shard whose next item was recorded last, or -1 if no shard has another item. */
function shardOfNewest<Entry>(
  shards: readonly Pick<LogPage<Entry>, 'items'>[],
  next: readonly number[],
): number {
  let newest = -1;
  let newestAt = '';
  shards.forEach(({ items }, shard) => {
    // Times in the same format compare as texts.
    const recordedAt = items[next[shard] ?? 0]?.recordedAt ?? '';
    if (recordedAt > newestAt) [newest, newestAt] = [shard, recordedAt];
  });
  return newest;
}

function endOf(newest: Position | undefined): Position {
  return newest === undefined ? logStart : positionAfter(newest);
}
