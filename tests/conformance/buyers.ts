import { setTimeout as delay } from 'node:timers/promises';
import {
  components,
  journalPageSchema,
  purchaseIdOfKey,
  purchasePlaced,
  shopperKey,
  topics,
} from '@unity-purchase/contracts';
import { toError, type Publish } from '@unity-purchase/service-kit';
import { errorText, waitUntil } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { signIn, type ShopperClient } from '../system/shopper-client.js';

/** The longest outage here, three minutes, plus the time brokers need to notice that it is over. */
const acknowledgedWithinMs = 300_000;

/** Shoppers who wait for the shop try less and less often. */
const retryMs = { first: 200, longest: 2_000 };

/** The clocks of some shoppers are wrong. */
const wrongClocksMs = [30_000, -30_000];

/** One in this many purchases is made by a shopper with a wrong clock. */
const wrongClockEvery = 10;

/** One in this many purchases through the API has an `Idempotency-Key` that is not a UUIDv7. */
const otherKeyEvery = 7;

/** Sends a request to a path of the purchase-service, which its operators may send. */
export type AskPurchaseService = (path: string) => Promise<Response>;

/** How a purchase is sent: through the API or through the form. */
export type Way = 'api' | 'form';

/** What is known about a purchase: the key that is sent, its unique amount and its shopper's name. */
export type Bought = { key: string; purchaseId: string; amount: number; name: string };

/**
 * Shoppers who buy like real ones: they retry with the same key until the shop accepts. They remember what was
 * accepted, for comparison with what is recorded.
 */
export class Buyers {
  readonly #storefront: string;
  readonly #askPurchaseService: AskPurchaseService;
  readonly #onAnswer: (answer: Response | Error) => void;
  readonly #accepted = new Map<ShopperClient, Bought[]>();
  #earlier: ReadonlySet<string> = new Set();
  #lastAmount = 0;
  #retries = 0;

  /** `onAnswer` receives what each attempt to buy was answered with, or why it was not answered. */
  constructor(
    storefront: string,
    askPurchaseService: AskPurchaseService,
    onAnswer: (answer: Response | Error) => void = () => undefined,
  ) {
    this.#storefront = storefront;
    this.#askPurchaseService = askPurchaseService;
    this.#onAnswer = onAnswer;
  }

  /** The number of accepted purchases. */
  get acceptedCount(): number {
    return [...this.#accepted.values()].reduce((sum, bought) => sum + bought.length, 0);
  }

  /** The number of times a purchase was sent again after no answer or an unexpected one. */
  get retries(): number {
    return this.#retries;
  }

  /** Every shopper who has signed in. */
  get shoppers(): ShopperClient[] {
    return [...this.#accepted.keys()];
  }

  /** Signs in one shopper per name. The name is part of the shopper id. */
  async signIn(names: readonly string[]): Promise<ShopperClient[]> {
    const shoppers: ShopperClient[] = [];
    for (const name of names) {
      const shopper = await signIn(this.#storefront, `${name}${v7()}`, name);
      this.#accepted.set(shopper, []);
      shoppers.push(shopper);
    }
    return shoppers;
  }

  /** Buys once, retrying until it is accepted. Resolves to the purchase id. */
  async buy(shopper: ShopperClient, copies = 1, way: Way = 'api'): Promise<string> {
    const bought = this.#next(shopper, { way });
    const send = () => this.#sendUntilAccepted(shopper, bought, way);
    await Promise.all(Array.from({ length: copies }, send));
    this.#accepted.get(shopper)?.push(bought);
    return bought.purchaseId;
  }

  /** Like `buy`, under a given `Idempotency-Key`. Resolves to what was bought. */
  async buyUnder(key: string, shopper: ShopperClient, copies: number): Promise<Bought> {
    const bought = { ...this.#next(shopper), key, purchaseId: idOfKey(key, shopper.id) };
    const send = () => this.#sendUntilAccepted(shopper, bought, 'api');
    await Promise.all(Array.from({ length: copies }, send));
    this.#accepted.get(shopper)?.push(bought);
    return bought;
  }

  /** Sends a purchase once. Resolves to whether it was accepted, and to a function that sends it until it is. */
  async tryOnce(shopper: ShopperClient): Promise<{ accepted: boolean; insist: () => Promise<void> }> {
    const bought = this.#next(shopper);
    const { key, amount } = bought;
    const response = await shopper.tryToBuy({ sku: 'any-amount', amount }, key);
    await response.text();
    return {
      accepted: isAcceptance(response),
      insist: async () => {
        await this.#sendUntilAccepted(shopper, bought, 'api');
        this.#accepted.get(shopper)?.push(bought);
      },
    };
  }

  /** Publishes a purchase directly to the broker, under a name that the shop's form would refuse. */
  async placeAs(name: string, shopper: ShopperClient, publish: Publish): Promise<void> {
    const bought = this.#next(shopper, { name });
    const { purchaseId, amount } = bought;
    await publish({
      component: components.pubsub,
      topic: topics.purchaseEvents,
      event: purchasePlaced({
        purchaseId,
        shopper: { id: shopper.id, name },
        lines: [{ sku: 'any-amount', title: name.slice(0, 100), quantity: 1, unitPrice: amount }],
        total: { amount, currency: 'EUR' },
        placedAt: new Date().toISOString(),
      }),
      partitionKey: shopperKey(shopper.id),
    });
    this.#accepted.get(shopper)?.push(bought);
  }

  /** Buys `count` times, spread over the shoppers, `concurrency` at a time. `onAccepted` gets the running count. */
  async buyMany(
    shoppers: readonly ShopperClient[],
    count: number,
    options: { concurrency: number; copies?: number; onAccepted?: (count: number) => void },
  ): Promise<void> {
    let started = 0;
    let accepted = 0;
    const buyOn = async (): Promise<void> => {
      while (started < count) {
        const shopper = shoppers[started % shoppers.length];
        started += 1;
        if (shopper === undefined) throw new Error('there are no shoppers');
        await this.buy(shopper, options.copies);
        accepted += 1;
        options.onAccepted?.(accepted);
      }
    };
    await Promise.all(Array.from({ length: options.concurrency }, buyOn));
  }

  /** Resolves when every accepted purchase is in its history and in the journal. */
  async waitUntilRecorded(timeoutMs: number): Promise<void> {
    const waiting = new Set(this.#accepted.keys());
    await waitUntil(async () => {
      let missing = 0;
      for (const shopper of waiting) {
        const short = (this.#accepted.get(shopper)?.length ?? 0) - (await recordedCountOf(shopper));
        if (short > 0) missing += short;
        else waiting.delete(shopper);
      }
      return missing === 0 || `${missing} of ${this.acceptedCount} accepted purchases are not recorded`;
    }, timeoutMs);
    // An event whose recording stopped between the two logs is redelivered, which completes it.
    await waitUntil(async () => {
      const read = await this.#journal().catch(String);
      if (typeof read === 'string') return read;
      const journal = new Set(read);
      const missing = this.#acceptedIds().filter((id) => !journal.has(id)).length;
      return missing === 0 || `${missing} of ${this.acceptedCount} accepted purchases are not in the journal`;
    }, timeoutMs);
  }

  #acceptedIds(): string[] {
    return [...this.#accepted.values()].flatMap((bought) => bought.map(({ purchaseId }) => purchaseId));
  }

  /** The purchase ids in a shopper's history, oldest first. */
  async recordedOrder(shopper: ShopperClient): Promise<string[]> {
    return (await shopper.wholeHistory()).map(({ purchaseId }) => purchaseId).reverse();
  }

  /** A shopper's accepted purchases, in the order of acceptance. */
  acceptedOrder(shopper: ShopperClient): string[] {
    return (this.#accepted.get(shopper) ?? []).map(({ purchaseId }) => purchaseId);
  }

  /** What the journal has already was bought by others. */
  async ignoreEarlier(): Promise<void> {
    this.#earlier = new Set(await this.#journal());
  }

  /**
   * Stops expecting what was accepted so far, once all of it is in the journal: a new store begins empty. Resolves to the number.
   * Rejects if something is missing.
   */
  async beginAnew(): Promise<number> {
    const accepted = this.#acceptedIds();
    const journal = new Set(await this.#journal());
    const missing = accepted.filter((id) => !journal.has(id));
    if (missing.length > 0)
      throw new Error(`${missing.length} of ${accepted.length} accepted purchases are not in the journal`);
    for (const shopper of this.#accepted.keys()) this.#accepted.set(shopper, []);
    this.#earlier = new Set();
    return accepted.length;
  }

  /** Stops expecting lost purchases. Returns their number. */
  async discardLost(): Promise<number> {
    let lost = 0;
    for (const [shopper, bought] of this.#accepted) {
      const recorded = new Set(await this.recordedOrder(shopper));
      const kept = bought.filter(({ purchaseId }) => recorded.has(purchaseId));
      lost += bought.length - kept.length;
      this.#accepted.set(shopper, kept);
    }
    return lost;
  }

  /**
   * Compares everything accepted with everything recorded: ids, names and amounts in the histories, their totals, and the
   * journal. Rejects with the first difference.
   */
  async reconcile(): Promise<void> {
    for (const [shopper, bought] of this.#accepted) {
      const recorded = await shopper.wholeHistory();
      const found = recorded.map(({ purchaseId, total, shopper: { id, name } }) =>
        JSON.stringify([purchaseId, total.amount, id, name]),
      );
      const expected = bought.map(({ purchaseId, amount, name }) =>
        JSON.stringify([purchaseId, amount, shopper.id, name]),
      );
      requireSame(found, expected, `the history of ${JSON.stringify(shopper.name)}`);
      const sum = bought.reduce((total, { amount }) => total + amount, 0);
      const { totals } = await shopper.history('?limit=1');
      const wanted = { count: bought.length, sums: bought.length === 0 ? {} : { EUR: sum } };
      requireSame([JSON.stringify(totals)], [JSON.stringify(wanted)], 'the totals');
    }
    const journal = (await this.#journal()).filter((id) => !this.#earlier.has(id));
    requireSame(journal, [...new Set(this.#acceptedIds())], 'the journal');
  }

  /** The distinct purchase ids in the journal. */
  async #journal(): Promise<string[]> {
    const ids = new Set<string>();
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: '100', ...(cursor === undefined ? {} : { cursor }) });
      const answer = await this.#askPurchaseService(`/api/purchases?${query.toString()}`);
      if (!answer.ok)
        throw new Error(`reading the journal returned ${answer.status}: ${await answer.text()}`);
      const page = journalPageSchema.parse(await answer.json());
      for (const { purchaseId } of page.purchases) ids.add(purchaseId);
      cursor = page.next;
    } while (cursor !== undefined);
    return [...ids];
  }

  #next(
    shopper: ShopperClient,
    { name = shopper.name, way = 'api' }: { name?: string; way?: Way } = {},
  ): Bought {
    this.#lastAmount += 1;
    const number = this.#lastAmount;
    const wrongByMs =
      number % wrongClockEvery === 0 ? wrongClocksMs[(number / wrongClockEvery) % 2] : undefined;
    const id = wrongByMs === undefined ? v7() : v7({ msecs: Date.now() + wrongByMs });
    const key = way === 'api' && number % otherKeyEvery === 0 ? `order "${number}"` : id;
    return { key, purchaseId: idOfKey(key, shopper.id), amount: 100 + number, name };
  }

  async #sendUntilAccepted(shopper: ShopperClient, { key, amount }: Bought, way: Way): Promise<void> {
    const deadline = performance.now() + acknowledgedWithinMs;
    const order = { sku: 'any-amount', amount };
    for (let pauseMs = retryMs.first; ; pauseMs = Math.min(2 * pauseMs, retryMs.longest)) {
      const sent = way === 'form' ? shopper.submitOrder(order, key) : shopper.tryToBuy(order, key);
      const outcome = await sent.then(
        async (response) => {
          this.#onAnswer(response);
          const text = await response.text();
          return isAcceptance(response) || `${response.status}: ${text}`;
        },
        (error: unknown) => {
          this.#onAnswer(toError(error));
          return errorText(error);
        },
      );
      if (outcome === true) return;
      if (performance.now() > deadline) throw new Error(`the shop does not accept a purchase: ${outcome}`);
      this.#retries += 1;
      await delay(pauseMs);
    }
  }
}

/** The purchase id of a key that is not refused. */
export function idOfKey(key: string, shopperId: string): string {
  const read = purchaseIdOfKey(key, shopperId, Date.now());
  if ('problem' in read) throw new Error(`the key ${key} is refused: ${read.problem}`);
  return read.id;
}

/** The API answers 202; the form redirects to a page whose URL carries the proof of acceptance. */
function isAcceptance({ status, headers }: Response): boolean {
  return status === 202 || (status === 303 && headers.get('location')?.includes('?accepted=') === true);
}

/** How many purchases of a shopper are recorded; 0 if that is unknown. */
export async function recordedCountOf(shopper: ShopperClient): Promise<number> {
  return shopper.history('?limit=1').then(
    ({ totals }) => totals.count,
    () => 0,
  );
}

function requireSame(found: readonly string[], expected: readonly string[], what: string): void {
  const [have, want] = [new Set(found), new Set(expected)];
  const missing = expected.filter((one) => !have.has(one));
  const strange = found.filter((one) => !want.has(one));
  const doubled = found.length - have.size;
  if (missing.length + strange.length + doubled === 0) return;
  throw new Error(
    `${what}: ${missing.length} missing, ${strange.length} unexpected, ${doubled} doubled; for example ` +
      (missing[0] ?? strange[0] ?? found[0] ?? ''),
  );
}
