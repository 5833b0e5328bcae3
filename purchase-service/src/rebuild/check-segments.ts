import type { RebuildDifference } from '@unity-purchase/contracts';
import type { Damage } from '@unity-purchase/numbered-log';
import { shardCount } from '../purchases/journal-place.js';
import type { PurchaseJournal } from '../purchases/purchase-journal.js';
import { damagesMax, type RebuildOptions } from './rebuild-options.js';

type Dependencies = { journal: Pick<PurchaseJournal, 'inspectShard' | 'repair' | 'logOf'> };

/**
 * Finds segments of the journal that are missing or unreadable. A repair makes the journal usable again, whatever is compared:
 * without it, no purchase can be recorded completely.
 */
export type CheckSegments = (
  options: Pick<RebuildOptions, 'isRepairing' | 'replacesUnreadable'>,
  signal?: AbortSignal,
) => AsyncGenerator<RebuildDifference, void>;

export function createCheckSegments({ journal }: Dependencies): CheckSegments {
  return async function* checkSegments({ isRepairing, replacesUnreadable }, signal) {
    for (let shard = 0; shard < shardCount; shard += 1) {
      const damages: Damage[] = [];
      for await (const part of journal.inspectShard(shard, 1, signal))
        damages.push(...part.damages.slice(0, damagesMax - damages.length));
      if (damages.length === 0) continue;
      const repaired = isRepairing && (await journal.repair(shard, { replacesUnreadable }));
      const log = journal.logOf(shard);
      for (const { segment, damage } of damages)
        yield { kind: 'difference', in: 'journal', difference: damage, log, segment, repaired };
    }
  };
}
