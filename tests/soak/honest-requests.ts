import { setTimeout as delay } from 'node:timers/promises';
import { v7 } from 'uuid';
import type { ShopperClient } from '../system/shopper-client.js';

/** How long an honest shopper tries to get an answer. */
const answeredWithinMs = 30_000;

/** In a long run, more would mean that the shop is busy with others. A slow disk alone costs a few. */
const repeatedShareMax = 0.01;

/** What honest shoppers ask meanwhile. */
export class HonestRequests {
  #asked = 0;
  #repeated = 0;

  /**
   * Buys, and reads the beginning of the history. An answer 503 that says when to ask again is asked again then, like any client
   * does. Rejects on any other answer but success, and if there is none in half a minute.
   */
  async buyAndRead(shopper: ShopperClient): Promise<void> {
    const purchaseId = v7();
    await this.#untilAnswered(202, 'buying', () => shopper.tryToBuy({ sku: 'mug' }, purchaseId));
    await this.#untilAnswered(200, 'reading the history', () => shopper.request('/api/purchases?limit=10'));
  }

  /** One line about all of them. */
  text(): string {
    return `  ${'honest requests'.padEnd(32)} ${this.#asked}, and ${this.#repeated} asked again after a 503`;
  }

  /** Whether so many had to be asked again that the shop was not there for them. */
  wereStarved(): boolean {
    return this.#repeated > this.#asked * repeatedShareMax;
  }

  async #untilAnswered(expected: number, what: string, ask: () => Promise<Response>): Promise<void> {
    this.#asked += 1;
    const endMs = performance.now() + answeredWithinMs;
    for (;;) {
      const answer = await ask();
      const text = await answer.text();
      if (answer.status === expected) return;
      const retryAfter = answer.headers.get('retry-after');
      if (answer.status !== 503 || retryAfter === null || performance.now() > endMs)
        throw new Error(`${what} returned ${answer.status}: ${text}`);
      this.#repeated += 1;
      await delay(Number(retryAfter) * 1_000);
    }
  }
}
