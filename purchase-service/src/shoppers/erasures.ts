import { storedValue, type LogStore } from '@unity-purchase/numbered-log';
import { z } from 'zod';

const readErasure = storedValue(
  z.strictObject({ version: z.literal(1), erasedAt: z.iso.datetime({ precision: 3 }) }),
);

/**
 * When shoppers were erased, under keys that do not reveal who they were. Without it, a redelivered dead letter would be kept
 * again, and a replica that remembers a purchase would add it to the journal again.
 *
 * Every method throws the store's error if the store is unavailable.
 */
export class Erasures {
  readonly #store: LogStore;

  constructor(store: LogStore) {
    this.#store = store;
  }

  /** Whether a shopper was erased at or after a time. */
  async erasedSince(shopper: string, time: string): Promise<boolean> {
    const key = keyOf(shopper);
    const erasure = readErasure(await this.#store.getBulk([key]), key);
    return erasure !== undefined && Date.parse(time) <= Date.parse(erasure.erasedAt);
  }

  /** Records that a shopper was erased. */
  async record(shopper: string, erasedAt: string): Promise<void> {
    await this.#store.save(keyOf(shopper), JSON.stringify({ version: 1, erasedAt }));
  }
}

function keyOf(shopper: string): string {
  return `erased:${shopper}`;
}
