import {
  eventRemovalMs,
  type ShopperErasure,
  type ShopperErasureLine,
  type ShopperExportLine,
  type ShopperExportStreamLine,
  type ShopperProgress,
} from '@unity-purchase/contracts';
import type { Logger } from '@unity-purchase/service-kit';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import type { EnterJournal } from '../purchases/enter-journal.js';
import { isWithin, type JournalPlace } from '../purchases/journal-place.js';
import type { PlacedPurchase, PurchaseHistory } from '../purchases/purchase-history.js';
import type { IsKept, JournalContent, PurchaseJournal } from '../purchases/purchase-journal.js';
import type { Erasures } from './erasures.js';
import { encodePosition, entryOf, startOfRecords, type RecordsPosition } from './records-position.js';
import {
  isAboutPurchase,
  manyShoppers,
  type DeadLetterReference,
  type IndexEntry,
  type JournalReference,
  type ShopperIndex,
} from './shopper-index.js';

type Dependencies = {
  history: Pick<PurchaseHistory, 'ofShopper' | 'findPlaced' | 'sinceErasure' | 'erase'>;
  journal: Pick<PurchaseJournal, 'at' | 'eraseAt' | 'unplaced' | 'eraseBetween'>;
  enterJournal: Pick<EnterJournal, 'addIfMissing'>;
  deadLetters: Pick<DeadLetters, 'ofShopper' | 'unplaced' | 'erase' | 'eraseUnplaced'>;
  erasures: Pick<Erasures, 'record'>;
  index: Pick<ShopperIndex, 'ofShopper' | 'addErased' | 'isRecent' | 'forget'>;
  logger: Logger;
  now: () => Date;
};

type ExportLine = Exclude<ShopperExportLine, { kind: 'end' }>;

/** A part of an export, and where the rest of it begins. */
type ExportStep = {
  lines: AsyncIterable<ExportLine>;
  next: Pick<RecordsPosition, 'part' | 'shard' | 'segment'>;
};

/** A part of an erasure: how much it erased, and where the rest begins if an interrupted erasure should not repeat this part. */
type ErasureStep = { erased: Partial<Counts>; next?: ExportStep['next'] };

type Counts = RecordsPosition['counts'];

const countedAs = {
  purchase: 'purchases',
  'journal-entry': 'journalEntries',
  'dead-letter': 'deadLetters',
} as const satisfies Record<ExportLine['kind'], keyof Counts>;

/**
 * Everything that is stored about one shopper, who is identified by the key. The audit log is not part of it: it contains
 * only the key, and is neither exported nor erased.
 *
 * The history and the index say where everything else is, so the work depends on the shopper alone. Only what version 0.1.0 stored
 * has no index: it is read as a whole, for every shopper.
 */
export class ShopperRecords {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Exports everything as one line each, and says after each part where an interrupted export can continue. The last line contains
   * the counts; an export without it is incomplete. Throws the store's error if the store becomes unavailable during the
   * export. `progress` is updated while it reads.
   */
  async *export(
    shopper: string,
    from = startOfRecords(shopper),
    progress = noProgress(),
  ): AsyncGenerator<ShopperExportStreamLine, void> {
    const counts = { ...from.counts };
    for await (const { lines, next } of this.#exportSteps(shopper, from, progress)) {
      for await (const line of lines) {
        counts[countedAs[line.kind]] += 1;
        yield line;
      }
      progress.cursor = encodePosition({ shopper, ...next, counts });
      yield { ...progress };
    }
    this.#dependencies.logger.info(counts, 'an operator exported the data of a shopper');
    yield { kind: 'end', ...counts };
  }

  async *#exportSteps(
    shopper: string,
    from: RecordsPosition,
    progress: ShopperProgress,
  ): AsyncGenerator<ExportStep, void> {
    const { history, journal, deadLetters, index } = this.#dependencies;
    const inHistory = entryOf('history', from);
    if (inHistory !== undefined)
      for await (const { purchases, next } of history.ofShopper(shopper, inHistory.segment)) {
        progress.entries += purchases.length;
        progress.reading = 'history';
        const lines = this.#purchaseLines(shopper, purchases, progress);
        yield { lines, next: { part: 'history', shard: 0, segment: next } };
      }
    for (const { part, log, reading } of indexes(shopper)) {
      const inIndex = entryOf(part, from);
      if (inIndex === undefined) continue;
      begin(progress, reading);
      for await (const { references, next } of index.ofShopper(log, inIndex.segment)) {
        progress.entries += references.length;
        const lines = this.#referredLines(shopper, references);
        yield { lines, next: { part, shard: 0, segment: next } };
      }
    }
    const inJournal = entryOf('old-journal', from);
    if (inJournal !== undefined) {
      begin(progress, 'journal');
      for await (const { entries, read, next } of journal.unplaced(shopper, inJournal)) {
        progress.entries += read;
        yield { lines: linesOf('journal-entry', entries), next: { part: 'old-journal', ...next } };
      }
    }
    begin(progress, 'dead-letters');
    const inLetters = entryOf('old-dead-letters', from) ?? { segment: 1 };
    for await (const { ids, next } of deadLetters.unplaced(inLetters.segment)) {
      progress.entries += ids.length;
      const lines = linesOf('dead-letter', deadLetters.ofShopper(shopper, ids));
      yield { lines, next: { part: 'old-dead-letters', shard: 0, segment: next } };
    }
  }

  /** Purchases, and then their entries in the journal. */
  async *#purchaseLines(
    shopper: string,
    purchases: readonly PlacedPurchase[],
    progress: ShopperProgress,
  ): AsyncGenerator<ExportLine, void> {
    const places = new Map<string, JournalPlace[]>();
    for (const { purchase, recordedAt, journal } of purchases) {
      yield { kind: 'purchase', purchase, recordedAt };
      if (journal !== undefined) places.set(purchase.purchaseId, [journal]);
    }
    progress.reading = 'journal';
    const placesOf = (id: string) => places.get(id) ?? [];
    for await (const { entry } of this.#dependencies.journal.at(
      shopper,
      [...places.values()].flat(),
      placesOf,
    ))
      yield { kind: 'journal-entry', ...entry };
  }

  /** What an index refers to. */
  async *#referredLines(
    shopper: string,
    references: readonly IndexEntry[],
  ): AsyncGenerator<ExportLine, void> {
    const { history, journal, deadLetters } = this.#dependencies;
    const refers = byKind(references);
    const placesOf = (id: string) =>
      refers.journal.filter((reference) => isAboutPurchase(reference, id)).map(({ place }) => place);
    const places = refers.journal.map(({ place }) => place);
    for await (const { entry, at } of journal.at(shopper, places, placesOf)) {
      // An index can refer to where an erased purchase was, and another one with the same id can be there now.
      const place = (await history.findPlaced(shopper, entry.purchaseId))?.journal;
      if (place === undefined || !isWithin(place, at.shard, at.segment))
        yield { kind: 'journal-entry', ...entry };
    }
    const ids = refers.letters.map(({ id }) => id);
    yield* linesOf('dead-letter', deadLetters.ofShopper(shopper, ids));
  }

  /** Like `eraseInSteps`, as a whole. */
  async erase(shopper: string): Promise<ShopperErasure> {
    for await (const line of this.eraseInSteps(shopper))
      if (line.kind === 'end') {
        const { kind: _kind, ...erasure } = line;
        return erasure;
      }
    throw new Error('an erasure has no end');
  }

  /**
   * Erases everything that the shopper has placed. It yields the progress after each step, and at its end how much it was. If
   * it is stopped, it ends after the current step. It can miss a purchase that a replica is recording at the same moment;
   * erasing again a little later finds it.
   *
   * @throws the store's error if the store is unavailable; what was erased by then stays erased, and repeating it erases the
   *   rest. A cursor saves reading again what version 0.1.0 stored
   */
  async *eraseInSteps(
    shopper: string,
    from = startOfRecords(shopper),
    progress = noProgress(),
  ): AsyncGenerator<ShopperErasureLine, void> {
    const { history, enterJournal, erasures, logger, now } = this.#dependencies;
    const erasedAtMs = now().getTime();
    const erasedAt = new Date(erasedAtMs).toISOString();
    // This comes first, so that anything redelivered from now on is recognised as erased.
    await erasures.record(shopper, erasedAt);
    const counts = { ...from.counts };
    try {
      for await (const { erased, next } of this.#erasureSteps(shopper, from, progress)) {
        for (const [kind, count] of Object.entries(erased)) counts[kind as keyof Counts] += count;
        if (next !== undefined) progress.cursor = encodePosition({ shopper, ...next, counts });
        yield { ...progress };
      }
    } finally {
      // What was bought after the history was erased is in it, and may have lost its entry in the journal.
      for await (const { purchase, journal } of history.sinceErasure(shopper))
        await enterJournal.addIfMissing(purchase, journal);
    }
    logger.info(counts, 'an operator erased a shopper');
    const eventsKeptUntil = new Date(erasedAtMs + eventRemovalMs).toISOString();
    yield { kind: 'end', erasedAt, eventsKeptUntil, ...counts };
  }

  async *#erasureSteps(
    shopper: string,
    from: RecordsPosition,
    progress: ShopperProgress,
  ): AsyncGenerator<ErasureStep, void> {
    const { history, journal, deadLetters, index } = this.#dependencies;
    const erasedWithHistory = { purchases: 0, journalEntries: 0 };
    // What is in the history after its erasure stays in the journal.
    let kept: IsKept | undefined;
    const isKept = async () => (kept ??= await this.#boughtSinceErasure(shopper));
    erasedWithHistory.purchases = await history.erase(shopper, async (purchases) => {
      progress.entries += purchases.length;
      progress.reading = 'journal';
      erasedWithHistory.journalEntries += await this.#eraseFromJournal(shopper, purchases, await isKept());
      progress.reading = 'history';
    });
    yield { erased: erasedWithHistory };
    for (const { log, reading } of indexes(shopper)) {
      begin(progress, reading);
      for await (const { references, first, next } of index.ofShopper(log)) {
        progress.entries += references.length;
        const refers = byKind(references);
        const places = refers.journal.map(({ place }) => place);
        const journalEntries = await journal.eraseAt(shopper, places, await isKept());
        const letters = await deadLetters.erase(shopper, refers.letters);
        if (log === shopper) await index.forget(shopper, first, next);
        yield { erased: { journalEntries, deadLetters: letters } };
      }
    }
    const inJournal = entryOf('old-journal', from);
    if (inJournal !== undefined) {
      begin(progress, 'journal');
      for await (const { entries, read, at, next } of journal.unplaced(shopper, inJournal)) {
        progress.entries += read;
        const journalEntries =
          entries.length === 0 ? 0 : await journal.eraseBetween(shopper, at, next, await isKept());
        yield { erased: { journalEntries }, next: { part: 'old-journal', ...next } };
      }
    }
    begin(progress, 'dead-letters');
    const inLetters = entryOf('old-dead-letters', from) ?? { segment: 1 };
    for await (const { ids, first, next } of deadLetters.unplaced(inLetters.segment)) {
      progress.entries += ids.length;
      const letters = await deadLetters.eraseUnplaced(shopper, { ids, first, next });
      yield { erased: { deadLetters: letters }, next: { part: 'old-dead-letters', shard: 0, segment: next } };
    }
  }

  /**
   * Erases the entries of purchases in the journal, before the purchases are erased. An entry that is being written at the moment is
   * not there yet: the next erasure finds it by the index.
   */
  async #eraseFromJournal(
    shopper: string,
    purchases: readonly PlacedPurchase[],
    isKept: IsKept,
  ): Promise<number> {
    const { journal, index } = this.#dependencies;
    const placed = purchases.flatMap(({ purchase: { purchaseId }, recordedAt, journal: place }) =>
      place === undefined ? [] : [{ purchaseId, recordedAt, place }],
    );
    await index.addErased(
      shopper,
      placed.filter(({ recordedAt }) => index.isRecent(recordedAt)),
    );
    return journal.eraseAt(
      shopper,
      placed.map(({ place }) => place),
      isKept,
    );
  }

  /**
   * Returns whether an entry of the journal is one of a purchase that was bought after the history was erased, and at the place that
   * its history has. Elsewhere it may be of the erased purchase under the same id: nothing would say any more where that is.
   */
  async #boughtSinceErasure(shopper: string): Promise<IsKept> {
    const bought = new Map<string, PlacedPurchase>();
    for await (const placed of this.#dependencies.history.sinceErasure(shopper))
      bought.set(placed.purchase.purchaseId, placed);
    return (entry, shard, segment) => {
      const { purchase, journal: place } = bought.get(entry.purchaseId) ?? {};
      return (
        purchase !== undefined &&
        totalOf(purchase) === totalOf(entry) &&
        place !== undefined &&
        isWithin(place, shard, segment)
      );
    };
  }
}

/** The progress at the start of an export or an erasure. */
export function noProgress(): ShopperProgress {
  return { kind: 'progress', reading: 'history', entries: 0 };
}

/** Starts a part of the work. */
function begin(progress: ShopperProgress, reading: ShopperProgress['reading']): void {
  Object.assign(progress, { reading, entries: 0 });
}

/** The indexes that refer to what is stored about a shopper. */
function indexes(shopper: string) {
  return [
    { part: 'index', log: shopper, reading: 'journal' },
    { part: 'many', log: manyShoppers, reading: 'dead-letters' },
  ] as const;
}

function byKind(references: readonly IndexEntry[]) {
  return {
    journal: references.filter((reference): reference is JournalReference => reference.kind === 'journal'),
    letters: references.filter(
      (reference): reference is DeadLetterReference => reference.kind === 'dead-letter',
    ),
  };
}

async function* linesOf<Kind extends ExportLine['kind'], Item extends object>(
  kind: Kind,
  items: AsyncIterable<Item> | Iterable<Item>,
): AsyncGenerator<Item & { kind: Kind }, void> {
  for await (const item of items) yield { kind, ...item };
}

function totalOf({ total }: Pick<JournalContent, 'total'>): string {
  return `${total.amount} ${total.currency}`;
}
