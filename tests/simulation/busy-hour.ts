import { purchasePlaced, shopperKey, type Purchase } from '@unity-purchase/contracts';
import { createDependencies } from '@unity-purchase/purchase-service';
import { Registry } from 'prom-client';
import { purchaseAt } from './earlier-shop.js';
import type { Ledger } from './ledger.js';
import { quietLogger } from './recorder.js';
import type { SimulatedStore } from './simulated-store.js';
import type { World } from './world.js';

/** The first number of these purchases: no other purchase id in a schedule has one of these. */
const firstNumber = 0x200_000;

/**
 * A shopper buys so much that what was recorded before is no longer at the end of the history: what is recorded late is then
 * found by its marker only. A replica that is always fast and lucky records it.
 */
export class BusyHour {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #recordPurchase: ReturnType<typeof createDependencies>['recordPurchase'];
  #count = 0;

  constructor({ world, store, ledger }: { world: World; store: SimulatedStore; ledger: Ledger }) {
    this.#world = world;
    this.#ledger = ledger;
    const { recordPurchase } = createDependencies(
      { instanceName: 'a lucky recorder', tokens: { sidecar: undefined, operator: undefined } },
      {
        gateway: { stateStore: () => store.luckyClient(), publish: () => Promise.resolve() },
        registry: new Registry(),
        logger: quietLogger,
      },
      { now: () => new Date(world.nowMs), newEventId: () => 'no event' },
    );
    this.#recordPurchase = recordPurchase;
  }

  /** Records a number of new purchases of a shopper, each in a segment of its own. */
  async record(shopperId: string, count: number): Promise<void> {
    this.#world.tell(() => `${JSON.stringify(shopperId)} buys ${count} times more`);
    for (let left = count; left > 0; left -= 1) {
      const purchase = this.#purchaseOf(shopperId);
      this.#ledger.add(purchase, this.#world.nowMs).isAccepted = true;
      const outcome = await this.#recordPurchase(purchasePlaced(purchase));
      if (outcome !== 'recorded') throw new Error(`a lucky purchase is ${outcome}`);
      this.#ledger.uneventful.add(`${shopperKey(shopperId)} ${purchase.purchaseId}`);
    }
  }

  #purchaseOf(shopperId: string): Purchase {
    this.#count += 1;
    const purchase = purchaseAt(firstNumber + this.#count, this.#world.nowMs, 100, 'EUR');
    return { ...purchase, shopper: { id: shopperId, name: 'A shopper' } };
  }
}
