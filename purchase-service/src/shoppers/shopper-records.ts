import type {
  DeadLetterDetails,
  JournalEntry,
  RecordedPurchase,
  ShopperErasure,
  ShopperExportLine,
} from '@unity-purchase/contracts';
import type { Logger } from '@unity-purchase/service-kit';
import type { Erasures } from './erasures.js';

/** Where something about a shopper is kept: all of it can be read, and erased. */
type Records<Item> = {
  ofShopper: (shopper: string) => AsyncIterable<Item>;
  erase: (shopper: string) => Promise<number>;
};

type Parts = {
  history: Records<RecordedPurchase>;
  journal: Records<JournalEntry>;
  deadLetters: Records<DeadLetterDetails>;
  erasures: Erasures;
  logger: Logger;
  now: () => Date;
};

/**
 * All that is kept about one shopper, who is named by the key. What operators did about a shopper is no part of it: the audit
 * log has the key only, and is neither exported nor erased.
 */
export class ShopperRecords {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Everything, a line each, and at last how much it was: an export without this line is not whole. Throws the store's
   * error in the middle, if it comes to that.
   */
  async *export(shopper: string): AsyncGenerator<ShopperExportLine> {
    const counts = { purchases: 0, journalEntries: 0, deadLetters: 0 };
    for await (const purchase of this.#parts.history.ofShopper(shopper)) {
      counts.purchases += 1;
      yield { kind: 'purchase', ...purchase };
    }
    for await (const entry of this.#parts.journal.ofShopper(shopper)) {
      counts.journalEntries += 1;
      yield { kind: 'journal-entry', ...entry };
    }
    for await (const letter of this.#parts.deadLetters.ofShopper(shopper)) {
      counts.deadLetters += 1;
      yield { kind: 'dead-letter', ...letter };
    }
    this.#parts.logger.info(counts, 'an operator exported what is kept about a shopper');
    yield { kind: 'end', ...counts };
  }

  /**
   * Erases what was placed until now, and gives how much it was. What a replica is recording at this very moment may be
   * missed by it; doing it again a while later finds that.
   *
   * @throws the store's error; what is erased by then stays so, and doing it again erases the rest
   */
  async erase(shopper: string): Promise<ShopperErasure> {
    const { history, journal, deadLetters, erasures, logger, now } = this.#parts;
    const erasedAt = now().toISOString();
    // First of all: what comes again from now on is known for erased.
    await erasures.note(shopper, erasedAt);
    const counts = {
      purchases: await history.erase(shopper),
      journalEntries: await journal.erase(shopper),
      deadLetters: await deadLetters.erase(shopper),
    };
    logger.info(counts, 'an operator erased a shopper');
    return { erasedAt, ...counts };
  }
}
