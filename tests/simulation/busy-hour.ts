import { purchasePlaced, shopperKey, type Purchase } from '@unity-purchase/contracts';
import { createDependencies } from '@unity-purchase/purchase-service';
import { Registry } from 'prom-client';
import { purchaseAt } from './earlier-shop.js';
import type { Ledger } from './ledger.js';
import { quietLogger } from './recorder.js';
import type { SimulatedStore } from './simulated-store.js';
import type { StoredValues } from './stored-values.js';
import type { World } from './world.js';

/** The first number of these purchases: no other purchase id in a schedule has one of these. */
const firstNumber = 0x200_000;

/** What these purchases cost: it is added to the running totals. */
const price = 100;
const currency = 'EUR';

/** How many entries a segment of the journal has when many purchases are recorded at once. */
const journalBatch = 64;

/** A tail hint is stored for every segment with such a number. */
const hintInterval = 16;

/** A stored segment, as far as it is looked at. Entries of a history have their place in the journal. */
type Segment = {
  attempt: string;
  entries: { journal?: { shard: number } }[];
  totals: { count: number; sums: Record<string, number | string> };
};

/**
 * A shopper buys so much that what was recorded before is no longer at the end of the history: what is recorded late is then
 * found by its marker only. A replica that is always fast and lucky records it. The code under test records the first purchase;
 * the others are copies of its segments, because recording hundreds takes longer than the rest of a schedule.
 */
export class BusyHour {
  readonly #world: World;
  readonly #values: StoredValues;
  readonly #ledger: Ledger;
  readonly #recordPurchase: ReturnType<typeof createDependencies>['recordPurchase'];
  #count = 0;

  constructor(parts: { world: World; values: StoredValues; store: SimulatedStore; ledger: Ledger }) {
    const { world, values, store, ledger } = parts;
    this.#world = world;
    this.#values = values;
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
    const [first, ...others] = Array.from({ length: count }, () => this.#buy(shopperId));
    if (first === undefined) return;
    const outcome = await this.#recordPurchase(purchasePlaced(first));
    if (outcome !== 'recorded') throw new Error(`a lucky purchase is ${outcome}`);
    const history = `history:${shopperKey(shopperId)}`;
    const journal = this.#lastOf(history).segment.entries[0]?.journal;
    if (journal === undefined) throw new Error('a lucky purchase has no place in the journal');
    this.#append(
      history,
      others.map((purchase) => [{ ...purchase, journal }]),
    );
    const entries = others.map(({ purchaseId, total }) => ({ shopperId, purchaseId, total }));
    const batches: object[][] = [];
    for (let index = 0; index < entries.length; index += journalBatch)
      batches.push(entries.slice(index, index + journalBatch));
    this.#append(`journal:${journal.shard}`, batches);
  }

  #buy(shopperId: string): Purchase {
    const { nowMs } = this.#world;
    this.#count += 1;
    const purchase = {
      ...purchaseAt(firstNumber + this.#count, nowMs, price, currency),
      shopper: { id: shopperId, name: 'A shopper' },
    };
    this.#ledger.add(purchase, nowMs).isAccepted = true;
    this.#ledger.uneventful.add(`${shopperKey(shopperId)} ${purchase.purchaseId}`);
    return purchase;
  }

  /** Adds segments with these entries to a log, and otherwise like its last one, which the code under test has just written. */
  #append(log: string, batches: readonly object[][]): void {
    const last = this.#lastOf(log);
    const lineage = last.segment.attempt.slice(last.segment.attempt.indexOf('/'));
    let { count } = last.segment.totals;
    let sum = BigInt(last.segment.totals.sums[currency] ?? 0);
    let { number } = last;
    for (const entries of batches) {
      if (number % hintInterval === 0) this.#values.write(log, JSON.stringify({ segment: number }), 'none');
      number += 1;
      count += entries.length;
      sum += BigInt(price * entries.length);
      const sums = { ...last.segment.totals.sums, [currency]: Number(sum) };
      const attempt = `${attemptOf(number)}${lineage}`;
      this.#values.write(
        `${log}:${number}`,
        JSON.stringify({ ...last.segment, attempt, entries, totals: { count, sums } }),
        'absent',
      );
    }
  }

  #lastOf(log: string): { number: number; segment: Segment } {
    const hint = this.#values.read(log)?.value;
    let number = hint === undefined ? 0 : (JSON.parse(hint) as { segment: number }).segment;
    while (this.#values.read(`${log}:${number + 1}`) !== undefined) number += 1;
    return { number, segment: JSON.parse(this.#values.read(`${log}:${number}`)?.value ?? '') as Segment };
  }
}

/** The id of a lucky replica's attempt to create a segment. */
function attemptOf(number: number): string {
  return `00000000-0000-4000-9000-${number.toString(16).padStart(12, '0')}`;
}
