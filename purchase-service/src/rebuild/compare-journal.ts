import {
  shopperKey,
  type RebuildCounts,
  type RebuildDifference,
  type RebuildLine,
  type RebuildProgress,
} from '@unity-purchase/contracts';
import { RecentMap, type Logger } from '@unity-purchase/service-kit';
import { isWithin, type JournalPlace } from '../purchases/journal-place.js';
import type { PlacedPurchase, PurchaseHistory } from '../purchases/purchase-history.js';
import type { InspectedJournalEntry, PurchaseJournal } from '../purchases/purchase-journal.js';
import type { Erasures } from '../shoppers/erasures.js';
import { isAboutPurchase, manyShoppers, type ShopperIndex } from '../shoppers/shopper-index.js';
import type { CheckIndex } from './check-index.js';
import type { CompareHistory } from './compare-history.js';
import { findBehindDamage } from './find-behind-damage.js';
import { isRecent, type RebuildOptions } from './rebuild-options.js';
import { encodeRebuildPosition, type RebuildPosition } from './rebuild-position.js';
import { unlessDamaged } from './unless-damaged.js';

type Dependencies = {
  journal: Pick<PurchaseJournal, 'inspect' | 'eraseEntry' | 'at'>;
  history: Pick<PurchaseHistory, 'findPlaced' | 'inspect'>;
  index: Pick<ShopperIndex, 'inspect' | 'addJournalEntry'>;
  compareHistory: CompareHistory;
  checkIndex: CheckIndex;
  erasures: Pick<Erasures, 'erasedAt'>;
  logger: Logger;
  now: () => Date;
};

/**
 * How many shoppers are remembered as compared. In a shop with more, a shopper whose purchases are far apart in the journal is
 * compared again.
 */
const comparedMax = 100_000;

/** How many entries are looked up at the same time. */
const atOnce = 8;

/** An entry that does not match the histories, with the reason: `lost` means that no history has the purchase. */
type OddEntry = {
  entry: InspectedJournalEntry;
  why: 'losing' | 'stray' | 'lost';
  /** Whether the history has a segment that is not readable. Then a purchase that was not found may be in it. */
  isHistoryUnreadable?: boolean;
};

/** Compares the whole journal from a position on. */
export type CompareJournal = (
  options: RebuildOptions,
  from: RebuildPosition,
  progress: RebuildProgress,
  signal?: AbortSignal,
) => AsyncGenerator<RebuildLine, void>;

/**
 * Creates the comparison of the journal with the histories, and of the histories of all shoppers in the journal with the journal.
 * After each part of the journal it says where an interrupted comparison can continue. `progress` is updated while it reads. Segments
 * that are missing or unreadable are left out: see `createCheckSegments`.
 */
export function createCompareJournal({
  journal,
  history,
  index,
  compareHistory,
  checkIndex,
  erasures,
  logger,
  now,
}: Dependencies): CompareJournal {
  return async function* compareJournal(options, from, progress, signal) {
    const counts: RebuildCounts = Object.assign(progress, from.counts);
    const count = function* (difference: RebuildDifference) {
      counts.differences += 1;
      if (difference.repaired) counts.repaired += 1;
      yield difference;
    };
    const passed = (place: JournalPlace): RebuildProgress => {
      progress.cursor = encodeRebuildPosition({ target: options.target, ...place, counts: countsIn(counts) });
      return { ...progress };
    };
    if (options.target === 'journal' && from.shard === 0 && from.segment === 1)
      for await (const difference of checkIndex(manyShoppers, options, signal)) yield* count(difference);
    const compared = new RecentMap<string, true>(comparedMax);
    for await (const { entries, shard, next } of journal.inspect(from, signal)) {
      for (const shopper of new Set(entries.map(({ shopperId }) => shopperKey(shopperId)))) {
        if (compared.get(shopper) === true) continue;
        for await (const difference of compareHistory(shopper, options, counts, signal))
          yield* count(difference);
        compared.set(shopper, true);
      }
      for (const odd of await oddEntriesIn(entries, shard, signal)) {
        signal?.throwIfAborted();
        const difference = await differenceOf(odd, shard, options, counts, signal);
        if (difference !== undefined) yield* count(difference);
      }
      counts.entries += entries.length;
      yield passed(next);
    }
    const summary = countsIn(counts);
    logger.info({ ...options, ...summary }, 'an operator compared the histories and the journal');
    yield { kind: 'end', ...summary };
  };

  /** The entries that do not match their histories. */
  async function oddEntriesIn(
    entries: readonly InspectedJournalEntry[],
    shard: number,
    signal: AbortSignal | undefined,
  ): Promise<OddEntry[]> {
    const odd: OddEntry[] = [];
    const lost = new Map<string, InspectedJournalEntry[]>();
    for (let index = 0; index < entries.length; index += atOnce) {
      const some = entries.slice(index, index + atOnce);
      const found = await Promise.all(some.map((entry) => findOf(entry, signal)));
      for (const [each, entry] of some.entries()) {
        const recorded = found[each];
        const shopper = shopperKey(entry.shopperId);
        if (recorded === undefined) lost.set(shopper, [...(lost.get(shopper) ?? []), entry]);
        else odd.push(...(await oddity(entry, recorded, shard, signal)));
      }
    }
    for (const [shopper, wanted] of lost) {
      const ids = new Set(wanted.map(({ purchaseId }) => purchaseId));
      const { found, isUnreadable } = await findBehindDamage(history, shopper, ids, signal);
      for (const entry of wanted) {
        const recorded = found.get(entry.purchaseId);
        odd.push(
          ...(recorded === undefined
            ? [{ entry, why: 'lost', isHistoryUnreadable: isUnreadable } as const]
            : await oddity(entry, recorded, shard, signal)),
        );
      }
    }
    return odd;
  }

  function findOf(
    { shopperId, purchaseId }: InspectedJournalEntry,
    signal: AbortSignal | undefined,
  ): Promise<PlacedPurchase | undefined> {
    return unlessDamaged(() => history.findPlaced(shopperKey(shopperId), purchaseId, signal));
  }

  /** What is odd about an entry whose purchase is in the history, if anything. */
  async function oddity(
    entry: InspectedJournalEntry,
    { purchase: { total }, journal: place }: PlacedPurchase,
    shard: number,
    signal: AbortSignal | undefined,
  ): Promise<OddEntry[]> {
    if (total.amount !== entry.total.amount || total.currency !== entry.total.currency)
      return [{ entry, why: 'losing' }];
    const { segment } = entry;
    if (!entry.isPlaced || (place !== undefined && isWithin(place, shard, segment))) return [];
    return (await isReferredTo(entry, shard, signal)) ? [] : [{ entry, why: 'stray' }];
  }

  /** Whether the shopper's index has the place of an entry, so that an erasure finds it. */
  async function isReferredTo(
    { shopperId, purchaseId, segment }: InspectedJournalEntry,
    shard: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    for await (const { references } of index.inspect(shopperKey(shopperId), signal))
      for (const reference of references)
        if (
          reference.kind === 'journal' &&
          isAboutPurchase(reference, purchaseId) &&
          isWithin(reference.place, shard, segment)
        )
          return true;
    return false;
  }

  /** Only the history said where the entry is, and has lost it. Without its event, nothing else would say it to an erasure. */
  async function keepPlace(
    entry: InspectedJournalEntry,
    shard: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { shopperId, purchaseId, segment } = entry;
    if (!entry.isPlaced || (await isReferredTo(entry, shard, signal))) return;
    await unlessDamaged(() => index.addJournalEntry(shopperKey(shopperId), purchaseId, { shard, segment }));
  }

  async function differenceOf(
    { entry, why, isHistoryUnreadable }: OddEntry,
    shard: number,
    { target, isRepairing, removesUnknown }: RebuildOptions,
    counts: RebuildCounts,
    signal: AbortSignal | undefined,
  ): Promise<RebuildDifference | undefined> {
    const { shopperId, purchaseId, recordedAt, segment } = entry;
    const shopper = shopperKey(shopperId);
    if (target === 'history' && why !== 'lost') return undefined;
    if (target === 'history' && isRepairing) await keepPlace(entry, shard, signal);
    if (isRecent(recordedAt, now())) {
      counts.recent += 1;
      return undefined;
    }
    const erasedAt = await unlessDamaged(() => erasures.erasedAt(shopper, signal));
    const isErased = why === 'lost' && erasedAt !== undefined && recordedAt <= erasedAt;
    // It was read a while ago: an erasure may have removed it since.
    if (!(await isStillThere(entry, shard, signal))) return undefined;
    const about = { kind: 'difference', shopper, purchaseId } as const;
    if (target === 'history')
      return isErased ? undefined : { ...about, in: 'history', difference: 'lacks', repaired: false };
    const difference = why !== 'lost' ? why : isErased ? 'erased' : 'unknown';
    const isRepaired =
      isRepairing && (difference !== 'unknown' || (removesUnknown && isHistoryUnreadable !== true));
    const repair = async () => {
      const place = { shard, segment };
      if (difference === 'stray') await index.addJournalEntry(shopper, purchaseId, place);
      else await journal.eraseEntry(entry, place);
      return true;
    };
    const repaired = isRepaired && ((await unlessDamaged(repair)) ?? false);
    return { ...about, in: 'journal', difference, repaired };
  }

  async function isStillThere(
    { shopperId, purchaseId, segment }: InspectedJournalEntry,
    shard: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const place = { shard, segment };
    const options = { skipsDamaged: true, signal };
    for await (const { entry } of journal.at(shopperKey(shopperId), [place], () => [place], options))
      if (entry.purchaseId === purchaseId) return true;
    return false;
  }
}

/** The counts of a progress that has more. */
function countsIn({ entries, shoppers, recent, differences, repaired }: RebuildCounts): RebuildCounts {
  return { entries, shoppers, recent, differences, repaired };
}
