import { manyShoppers, type ShopperIndex } from '../shoppers/shopper-index.js';
import { readContent, shoppersNamedIn } from './dead-letter-content.js';
import type { DeadLetterRecords, Letter } from './dead-letter-records.js';

type Dependencies = {
  records: Pick<DeadLetterRecords, 'placed' | 'letters'>;
  index: Pick<ShopperIndex, 'addDeadLetter'>;
};

/** A dead letter that names at least this many may be in the index of many shoppers. */
const manyMin = 100;

/**
 * Adds the dead letters that may be about a shopper, or about `manyShoppers`, to an index that has lost a part. It reads all dead letters,
 * some at a time. A reference too many does no harm: an erasure looks at what it refers to.
 */
export type ReferAgain = (shopper: string, signal?: AbortSignal) => Promise<void>;

export function createReferAgain({ records, index }: Dependencies): ReferAgain {
  return async (shopper, signal) => {
    for await (const places of records.placed(signal)) {
      const segments = new Map(places.map(({ id, segment }) => [id, segment]));
      for await (const { id, letter } of records.letters(segments.keys())) {
        signal?.throwIfAborted();
        const segment = segments.get(id);
        if (letter !== undefined && segment !== undefined && mayBeAbout(letter, shopper))
          await index.addDeadLetter(shopper, id, segment);
      }
    }
  };
}

function mayBeAbout(letter: Letter, shopper: string): boolean {
  const bytes = Buffer.from(letter.base64, 'base64');
  const named = new Set(shoppersNamedIn(bytes));
  if (shopper === manyShoppers) return named.size >= manyMin;
  const owner =
    letter.shopperKey ??
    (letter.truncated === undefined ? readContent(bytes).purchase?.shopperKey : undefined);
  return owner === shopper || named.has(shopper);
}
