import { clockDifferenceMaxMs } from '@unity-purchase/contracts';
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

  /** When a shopper was last erased; undefined if never. Aborting the signal cancels the read. */
  async erasedAt(shopper: string, signal?: AbortSignal): Promise<string | undefined> {
    const key = keyOf(shopper);
    return readErasure(await this.#store.getBulk([key], { signal }), key)?.erasedAt;
  }

  /**
   * Whether something that happened at a time was erased. `in-doubt` means that the clocks which say when it happened and when
   * the shopper was erased may differ by more than these times do. What is in doubt is kept.
   */
  async check(shopper: string, time: string, signal?: AbortSignal): Promise<'erased' | 'in-doubt' | 'kept'> {
    const erasedAt = await this.erasedAt(shopper, signal);
    if (erasedAt === undefined) return 'kept';
    const afterMs = Date.parse(time) - Date.parse(erasedAt);
    if (afterMs <= -clockDifferenceMaxMs) return 'erased';
    return afterMs <= clockDifferenceMaxMs ? 'in-doubt' : 'kept';
  }

  /** Records that a shopper was erased. */
  async record(shopper: string, erasedAt: string): Promise<void> {
    await this.#store.save(keyOf(shopper), JSON.stringify({ version: 1, erasedAt }));
  }
}

function keyOf(shopper: string): string {
  return `erased:${shopper}`;
}
