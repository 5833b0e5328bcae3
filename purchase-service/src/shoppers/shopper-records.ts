import type {
  ShopperErasure,
  ShopperErasureLine,
  ShopperExportLine,
  ShopperProgress,
} from '@unity-purchase/contracts';
import type { Logger } from '@unity-purchase/service-kit';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import type { PurchaseHistory } from '../purchases/purchase-history.js';
import type { PurchaseJournal } from '../purchases/purchase-journal.js';
import type { Erasures } from './erasures.js';

type Dependencies = {
  history: Pick<PurchaseHistory, 'ofShopper' | 'erase'>;
  journal: Pick<PurchaseJournal, 'ofShopper' | 'erase' | 'append'>;
  deadLetters: Pick<DeadLetters, 'ofShopper' | 'erase'>;
  erasures: Pick<Erasures, 'record'>;
  logger: Logger;
  now: () => Date;
};

/**
 * Everything that is stored about one shopper, who is identified by the key. The audit log is not part of it: it contains
 * only the key, and is neither exported nor erased.
 */
export class ShopperRecords {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Exports everything as one line each. The last line contains the counts; an export without it is incomplete. Throws the
   * store's error if the store becomes unavailable during the export. `progress` is updated while it reads.
   */
  async *export(shopper: string, progress = noProgress()): AsyncGenerator<ShopperExportLine, void> {
    const { history, journal, deadLetters, logger } = this.#dependencies;
    const counts = { purchases: 0, journalEntries: 0, deadLetters: 0 };
    for await (const purchase of history.ofShopper(shopper)) {
      counts.purchases += 1;
      progress.entries += 1;
      yield { kind: 'purchase', ...purchase };
    }
    for await (const entry of journal.ofShopper(shopper, counterOf(progress, 'journal'))) {
      counts.journalEntries += 1;
      yield { kind: 'journal-entry', ...entry };
    }
    for await (const letter of deadLetters.ofShopper(shopper, counterOf(progress, 'dead-letters'))) {
      counts.deadLetters += 1;
      yield { kind: 'dead-letter', ...letter };
    }
    logger.info(counts, 'an operator exported the data of a shopper');
    yield { kind: 'end', ...counts };
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
   *   rest
   */
  async *eraseInSteps(shopper: string, progress = noProgress()): AsyncGenerator<ShopperErasureLine, void> {
    const { history, journal, deadLetters, erasures, logger, now } = this.#dependencies;
    const erasedAt = now().toISOString();
    // This comes first, so that anything redelivered from now on is recognised as erased.
    await erasures.record(shopper, erasedAt);
    const counts = { purchases: await history.erase(shopper), journalEntries: 0, deadLetters: 0 };
    progress.entries = counts.purchases;
    yield { ...progress };
    try {
      for await (const erased of journal.erase(shopper, counterOf(progress, 'journal'))) {
        counts.journalEntries += erased;
        yield { ...progress };
      }
    } finally {
      // What was bought after the history was erased is in it, and lost its entry in the journal. Repeats do no harm there.
      for await (const { purchase } of history.ofShopper(shopper)) await journal.append(purchase);
    }
    counts.deadLetters = await deadLetters.erase(shopper, counterOf(progress, 'dead-letters'));
    logger.info(counts, 'an operator erased a shopper');
    yield { kind: 'end', erasedAt, ...counts };
  }
}

/** The progress at the start of an export or an erasure. */
export function noProgress(): ShopperProgress {
  return { kind: 'progress', reading: 'history', entries: 0 };
}

/** Starts a part of the work, and returns the function that counts what it reads. */
function counterOf(progress: ShopperProgress, reading: ShopperProgress['reading']): () => void {
  Object.assign(progress, { reading, entries: 0 });
  return () => {
    progress.entries += 1;
  };
}
