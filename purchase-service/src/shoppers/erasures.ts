import { storedValue, type LogStore } from '@unity-purchase/numbered-log';
import { z } from 'zod';

const readErasure = storedValue(
  z.strictObject({ version: z.literal(1), erasedAt: z.iso.datetime({ precision: 3 }) }),
);

/**
 * When shoppers were erased, under keys that do not tell who they were: without it a dead letter that is delivered once more
 * would be kept again, and a replica that remembers a purchase would put it into the journal again.
 */
export class Erasures {
  readonly #store: LogStore;

  constructor(store: LogStore) {
    this.#store = store;
  }

  /** Whether a shopper was erased since a time. @throws the store's error */
  async cover(shopper: string, time: string): Promise<boolean> {
    const key = keyOf(shopper);
    const erasure = readErasure(await this.#store.getBulk([key]), key);
    return erasure !== undefined && Date.parse(time) <= Date.parse(erasure.erasedAt);
  }

  /** Notes down that a shopper is erased. @throws the store's error */
  async note(shopper: string, erasedAt: string): Promise<void> {
    await this.#store.save(keyOf(shopper), JSON.stringify({ version: 1, erasedAt }));
  }
}

function keyOf(shopper: string): string {
  return `erased:${shopper}`;
}
