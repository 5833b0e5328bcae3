import type { RebuildDifference } from '@unity-purchase/contracts';
import type { Damage } from '@unity-purchase/numbered-log';
import type { ReferAgain } from '../dead-letters/refer-again.js';
import { manyShoppers, type ShopperIndex } from '../shoppers/shopper-index.js';
import { damagesMax, type RebuildOptions } from './rebuild-options.js';

type Dependencies = { index: Pick<ShopperIndex, 'inspect' | 'repair' | 'logOf'>; referAgain: ReferAgain };

/** Finds damage to the index of a shopper, or of `manyShoppers`. */
export type CheckIndex = (
  shopper: string,
  options: RebuildOptions,
  signal?: AbortSignal,
) => AsyncGenerator<RebuildDifference, void>;

/**
 * Creates the check of an index. It says where entries of the journal and dead letters are. Entries of the journal whose reference was
 * lost are stray, and get a new one. Dead letters are referred to again by the repair.
 */
export function createCheckIndex({ index, referAgain }: Dependencies): CheckIndex {
  return async function* checkIndex(shopper, { isRepairing, replacesUnreadable }, signal) {
    const damages: Damage[] = [];
    for await (const part of index.inspect(shopper, signal))
      // Its totals count what was forgotten.
      damages.push(
        ...part.damages.filter(({ damage }) => damage !== 'totals').slice(0, damagesMax - damages.length),
      );
    if (damages.length === 0) return;
    const repaired = isRepairing && (await index.repair(shopper, { replacesUnreadable }));
    if (repaired) await referAgain(shopper, signal);
    const log = index.logOf(shopper);
    const about = shopper === manyShoppers ? {} : { shopper };
    for (const { segment, damage } of damages)
      yield { kind: 'difference', in: 'journal', difference: damage, ...about, log, segment, repaired };
  };
}
