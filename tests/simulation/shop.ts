import {
  purchaseIdAgeMaxMs,
  purchaseIdAheadMaxMs,
  purchaseIdOfKey,
  purchasePlaced,
  sumOfLines,
  type Purchase,
} from '@unity-purchase/contracts';
import { hostileNames, nameOfSeveralLines } from '../conformance/hostile-names.js';
import { inWords, type Ledger } from './ledger.js';
import type { SimulatedBroker } from './simulated-broker.js';
import type { World } from './world.js';

/** How old the ids of new purchases are: fresh, ahead of the shop's clock, after an outage, almost expired. */
const idAgesMs = [
  0,
  -purchaseIdAheadMaxMs,
  60_000,
  25 * 60_000,
  3 * 60 * 60_000,
  purchaseIdAgeMaxMs - 60_000,
];

/** How often a client chooses a key without a time. */
const opaqueKeyShare = 0.15;

const prices = [100, 1, 250, 0, 10_000_000_000];

/** The storefronts, as far as recording depends on them: they choose ids and times, and publish. */
export class Shop {
  readonly #world: World;
  readonly #broker: SimulatedBroker;
  readonly #ledger: Ledger;
  readonly shoppers: readonly string[];
  readonly #clocksAheadMs: readonly number[];
  #ids = 0;

  constructor(
    parts: { world: World; broker: SimulatedBroker; ledger: Ledger },
    { shoppers, clocksAheadMs }: { shoppers: readonly string[]; clocksAheadMs: readonly number[] },
  ) {
    this.#world = parts.world;
    this.#broker = parts.broker;
    this.#ledger = parts.ledger;
    this.shoppers = shoppers;
    this.#clocksAheadMs = clocksAheadMs;
  }

  /** A shopper buys something new. */
  buy(shopperId = this.#world.choices.oneOf(this.shoppers)): void {
    const { choices } = this.#world;
    const clockMs = this.#clockMs();
    const key = choices.chance(opaqueKeyShare)
      ? this.#opaqueKey()
      : this.#idAt(clockMs - choices.oneOf(idAgesMs));
    this.#order(this.#purchase(shopperId, key, clockMs), clockMs);
  }

  /** A client sends an earlier order again under its id, as it was or with other contents, or as another shopper. */
  buyAgain(): void {
    const { choices } = this.#world;
    const { orders } = this.#ledger;
    if (orders.length === 0) {
      this.buy();
      return;
    }
    const { purchase } = choices.oneOf(orders);
    const clockMs = this.#clockMs();
    const placedAt = new Date(clockMs).toISOString();
    const kind = choices.below(3);
    if (kind === 0) this.#order({ ...purchase, placedAt }, clockMs);
    else {
      const shopperId = kind === 1 ? purchase.shopper.id : choices.oneOf(this.shoppers);
      this.#order(this.#purchase(shopperId, purchase.purchaseId, clockMs), clockMs);
    }
  }

  /** Something else publishes what is not a purchase. */
  publishPoison(): void {
    const { choices } = this.#world;
    const shopper = choices.oneOf(this.shoppers);
    const poison = choices.oneOf(poisons);
    this.#broker.add('purchases', poison(shopper));
  }

  /** Places an order under a key: the storefront derives the purchase id from it. */
  #order(order: Purchase, clockMs: number): void {
    const read = purchaseIdOfKey(order.purchaseId, order.shopper.id, clockMs);
    if ('problem' in read) return;
    const purchase = { ...order, purchaseId: read.id };
    this.#world.tell(() => `an order: ${inWords(purchase)}`);
    const placed = this.#ledger.add(purchase, this.#world.nowMs);
    void this.#broker.publish(JSON.stringify(purchasePlaced(purchase))).then(
      () => {
        placed.isAccepted = true;
        this.#world.tell(() => `accepted: ${inWords(purchase)}`);
      },
      () => {
        this.#world.tell(() => `the shopper does not learn whether it was accepted: ${inWords(purchase)}`);
      },
    );
  }

  #purchase(shopperId: string, purchaseId: string, placedMs: number): Purchase {
    const lines = [{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice: this.#world.choices.oneOf(prices) }];
    const currency = this.#world.choices.oneOf(['EUR', 'JPY']);
    return {
      purchaseId,
      shopper: { id: shopperId, name: 'A shopper' },
      lines,
      total: { amount: sumOfLines(lines), currency },
      placedAt: new Date(placedMs).toISOString(),
    };
  }

  #clockMs(): number {
    return this.#world.nowMs + this.#world.choices.oneOf(this.#clocksAheadMs);
  }

  /** An opaque idempotency key: the id that it gets has no time. */
  #opaqueKey(): string {
    this.#ids += 1;
    return `order ${this.#ids}`;
  }

  #idAt(ms: number): string {
    this.#ids += 1;
    return purchaseIdAt(ms, this.#ids);
  }
}

/** The purchase id with a number that was created at a time. */
export function purchaseIdAt(ms: number, number: number): string {
  const time = Math.round(ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

export const possibleShoppers = ['ada', 'grace', ...hostileNames, nameOfSeveralLines];

/** Deeper than any recursion. */
const nestedDeeply = '['.repeat(20_000) + ']'.repeat(20_000);

/** Deeply nested, not JSON, or about a shopper but no purchase. */
const poisons: readonly ((shopper: string) => string)[] = [
  () => 'not JSON',
  (shopper) => JSON.stringify({ data: { shopper: { id: shopper }, purchaseId: 'none' } }),
  () => nestedDeeply,
  (shopper) => JSON.stringify({ specversion: '1.0', id: shopper, data: 'x'.repeat(100_000) }),
];
