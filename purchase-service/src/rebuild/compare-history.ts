import type { Purchase, RebuildCounts, RebuildDifference } from '@unity-purchase/contracts';
import type { Damage } from '@unity-purchase/numbered-log';
import type { EnterJournal } from '../purchases/enter-journal.js';
import type { JournalPlace } from '../purchases/journal-place.js';
import type { PlacedPurchase, PurchaseHistory } from '../purchases/purchase-history.js';
import type { PurchaseJournal } from '../purchases/purchase-journal.js';
import { isAboutPurchase, type ShopperIndex } from '../shoppers/shopper-index.js';
import type { CheckIndex } from './check-index.js';
import { findBehindDamage } from './find-behind-damage.js';
import { damagesMax, isRecent, type RebuildOptions } from './rebuild-options.js';
import { unlessDamaged } from './unless-damaged.js';

type Dependencies = {
  history: Pick<PurchaseHistory, 'inspect' | 'findPlaced' | 'repair' | 'logOf'>;
  journal: Pick<PurchaseJournal, 'at' | 'contains'>;
  enterJournal: Pick<EnterJournal, 'add'>;
  index: Pick<ShopperIndex, 'inspect'>;
  checkIndex: CheckIndex;
  now: () => Date;
};

/** Compares the history of a shopper, who is identified by the key, with itself and with the journal. */
export type CompareHistory = (
  shopper: string,
  options: RebuildOptions,
  counts: RebuildCounts,
  signal?: AbortSignal,
) => AsyncGenerator<RebuildDifference, void>;

/**
 * Creates the comparison of one history. It yields the damage in the history, which is repaired if histories are, and the
 * purchases that the journal lacks, if the journal is compared.
 */
export function createCompareHistory({
  history,
  journal,
  enterJournal,
  index,
  checkIndex,
  now,
}: Dependencies): CompareHistory {
  return async function* compareHistory(shopper, options, counts, signal) {
    const { target, isRepairing, replacesUnreadable } = options;
    counts.shoppers += 1;
    if (target === 'journal') yield* checkIndex(shopper, options, signal);
    const damages: Damage[] = [];
    for await (const part of history.inspect(shopper, signal)) {
      damages.push(...part.damages.slice(0, damagesMax - damages.length));
      if (target === 'journal') yield* addLacking(shopper, part.purchases, options, counts, signal);
    }
    if (damages.length === 0) return;
    const repaired =
      target === 'history' && isRepairing && (await history.repair(shopper, { replacesUnreadable }));
    const log = history.logOf(shopper);
    for (const { segment, damage } of damages)
      yield { kind: 'difference', in: 'history', difference: damage, shopper, log, segment, repaired };
  };

  async function* addLacking(
    shopper: string,
    purchases: readonly PlacedPurchase[],
    { isRepairing }: RebuildOptions,
    counts: RebuildCounts,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<RebuildDifference, void> {
    for (const { purchase, recordedAt } of await lackingOf(shopper, purchases, signal)) {
      if (isRecent(recordedAt, now())) {
        counts.recent += 1;
        continue;
      }
      // It was read a while ago: an erasure may have removed it since.
      if (!(await isStillThere(shopper, purchase, signal))) continue;
      const add = async () => {
        // At a place that the index gets: an erasure that runs at this moment finds it there when it is repeated.
        await enterJournal.add(purchase, undefined);
        return true;
      };
      yield {
        kind: 'difference',
        in: 'journal',
        difference: 'lacks',
        shopper,
        purchaseId: purchase.purchaseId,
        repaired: isRepairing && ((await unlessDamaged(add)) ?? false),
      };
    }
  }

  async function isStillThere(
    shopper: string,
    { purchaseId }: Purchase,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const found = await unlessDamaged(() => history.findPlaced(shopper, purchaseId, signal));
    return (
      found !== undefined ||
      (await findBehindDamage(history, shopper, new Set([purchaseId]), signal)).found.size > 0
    );
  }

  /** The purchases that are neither at the place that the history has, nor at one that the shopper's index has. */
  async function lackingOf(
    shopper: string,
    purchases: readonly PlacedPurchase[],
    signal: AbortSignal | undefined,
  ): Promise<PlacedPurchase[]> {
    let lacking = await withoutThoseAt(
      shopper,
      purchases,
      purchases.map(({ purchase, journal: place }) => [purchase.purchaseId, place]),
      signal,
    );
    if (lacking.length === 0) return [];
    for await (const { references } of index.inspect(shopper, signal)) {
      const places = references.flatMap((reference) =>
        reference.kind === 'journal'
          ? lacking
              .filter(({ purchase }) => isAboutPurchase(reference, purchase.purchaseId))
              .map(({ purchase }) => [purchase.purchaseId, reference.place] as const)
          : [],
      );
      lacking = await withoutThoseAt(shopper, lacking, places, signal);
    }
    const found: PlacedPurchase[] = [];
    for (const placed of lacking)
      // Version 0.1.0 stored no places.
      if (placed.journal === undefined && (await mayContain(placed.purchase, signal))) found.push(placed);
    return lacking.filter((placed) => !found.includes(placed));
  }

  async function withoutThoseAt(
    shopper: string,
    purchases: readonly PlacedPurchase[],
    places: readonly (readonly [purchaseId: string, place: JournalPlace | undefined])[],
    signal: AbortSignal | undefined,
  ): Promise<PlacedPurchase[]> {
    const placesOf = new Map<string, JournalPlace[]>();
    for (const [purchaseId, place] of places)
      if (place !== undefined) placesOf.set(purchaseId, [...(placesOf.get(purchaseId) ?? []), place]);
    const found = new Set<string>();
    const entries = journal.at(shopper, [...placesOf.values()].flat(), (id) => placesOf.get(id) ?? [], {
      skipsDamaged: true,
      signal,
    });
    for await (const { entry } of entries) found.add(entry.purchaseId);
    return purchases.filter(({ purchase }) => !found.has(purchase.purchaseId));
  }

  /** What is unknown does not count as lacking: adding it again would count it twice. */
  async function mayContain(purchase: Purchase, signal: AbortSignal | undefined): Promise<boolean> {
    return (await unlessDamaged(() => journal.contains(purchase, signal))) ?? true;
  }
}
