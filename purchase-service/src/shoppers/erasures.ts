import { z } from 'zod';
import type { LogStore } from '../log/log-store.js';
import { DamagedLogError } from '../log/segment.js';

const recordSchema = z.strictObject({ version: z.literal(1), erasedAt: z.iso.datetime({ precision: 3 }) });

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
    const text = (await this.#store.getBulk([key])).get(key);
    return text !== undefined && Date.parse(time) <= Date.parse(read(key, text));
  }

  /** Notes down that a shopper is erased. @throws the store's error */
  async note(shopper: string, erasedAt: string): Promise<void> {
    await this.#store.save(keyOf(shopper), JSON.stringify({ version: 1, erasedAt }));
  }
}

function keyOf(shopper: string): string {
  return `erased:${shopper}`;
}

function read(key: string, text: string): string {
  try {
    return recordSchema.parse(JSON.parse(text)).erasedAt;
  } catch (cause) {
    throw new DamagedLogError(`${key} is not what it should be`, { cause });
  }
}
