import type { ShopperIndex } from '../shoppers/shopper-index.js';
import type { DeadLetterRecords } from './dead-letter-records.js';
import { shoppersToIndex } from './stored-letter.js';

type Dependencies = {
  records: Pick<DeadLetterRecords, 'placed' | 'letters'>;
  index: Pick<ShopperIndex, 'addDeadLetter'>;
};

/**
 * Adds the dead letters of a shopper's index, or of the one of `manyShoppers`, to it again after it has lost a part. It reads all dead
 * letters, some at a time. One that is added twice does no harm: an erasure looks at what it refers to.
 */
export type ReferAgain = (shopper: string, signal?: AbortSignal) => Promise<void>;

export function createReferAgain({ records, index }: Dependencies): ReferAgain {
  return async (shopper, signal) => {
    for await (const places of records.placed(signal)) {
      const segments = new Map(places.map(({ id, segment }) => [id, segment]));
      for await (const { id, letter } of records.letters(segments.keys())) {
        signal?.throwIfAborted();
        const segment = segments.get(id);
        if (letter !== undefined && segment !== undefined && shoppersToIndex(letter).includes(shopper))
          await index.addDeadLetter(shopper, id, segment);
      }
    }
  };
}
