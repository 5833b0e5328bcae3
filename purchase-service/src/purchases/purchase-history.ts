import {
  purchaseFingerprint,
  purchaseIdTimeMs,
  purchaseSchema,
  shopperKey,
  type HistoryPage,
  type Purchase,
  type PurchaseDetails,
  type RecordedPurchase,
  type Spending,
} from '@unity-purchase/contracts';
import {
  clockDifferenceMaxMs,
  entriesOf,
  fromCursor,
  NumberedLogs,
  readFrom,
  totalsSince,
  writeFrom,
  type AppendOutcome,
  type Foresight,
  type LogDefinition,
  type LogPage,
  type LogStore,
  type Recorded,
} from '@unity-purchase/numbered-log';
import { z } from 'zod';
import { lastMonths, periodOfMonth, type Period } from './calendar-month.js';
import { deliveredEvent, type EventAttributes } from './event-attributes.js';

/** A purchase with what else its event said; what was recorded before that was kept has nothing. */
const entrySchema = purchaseSchema.safeExtend({ event: z.record(z.string(), z.unknown()).optional() });

type Entry = z.infer<typeof entrySchema>;

const definition: LogDefinition<Entry> = {
  schema: entrySchema,
  identityOf: ({ purchaseId }) => purchaseId,
  fingerprintOf: purchaseFingerprint,
  mintedMsOf: ({ purchaseId }) => purchaseIdTimeMs(purchaseId),
  occurredMsOf: ({ placedAt }) => Date.parse(placedAt),
  amountOf: ({ total }) => total,
  // What the check for repeats looks at, and as much again, so that a purchase on the edge needs no reading back.
  keptMs: 2 * clockDifferenceMaxMs,
  repeats: 'found',
};

/** What every shopper bought: one log a shopper, the truth about purchases. Shoppers are named by their key. */
export class PurchaseHistory {
  readonly #logs: NumberedLogs<Entry>;
  readonly #now: () => Date;

  constructor(store: LogStore, now: () => Date) {
    this.#now = now;
    this.#logs = new NumberedLogs(store, definition, now);
  }

  /** Records a purchase, once, with the attributes of its event, if there are any to keep. @throws LogUnavailableError */
  append(purchase: Purchase, event?: EventAttributes): Promise<AppendOutcome> {
    const entry = event === undefined ? purchase : { ...purchase, event };
    return this.#logs.append(logOf(shopperKey(purchase.shopper.id)), entry);
  }

  foresee(purchase: Purchase): Foresight {
    return this.#logs.foresee(logOf(shopperKey(purchase.shopper.id)), purchase);
  }

  /**
   * A page, newest first, of all purchases or of what was recorded in a period; the totals are always those of all. Towards
   * newer purchases it is a full page, or else the newest.
   *
   * @throws AppError 400 for a cursor that no page gave, or none of this period
   */
  async page(
    shopper: string,
    limit: number,
    cursor: string | undefined,
    period?: Period,
  ): Promise<HistoryPage> {
    const from = cursor === undefined ? undefined : readFrom(cursor);
    const read = () =>
      period === undefined
        ? this.#logs.page(logOf(shopper), limit, from)
        : this.#logs.pageBetween(logOf(shopper), limit, period, from);
    return historyPage(await fromCursor(read));
  }

  /** What was recorded in each of the last months, oldest first, up to the one that runs. */
  async months(shopper: string, count: number): Promise<Spending> {
    const months = lastMonths(this.#now(), count);
    const starts = months.map((month) => periodOfMonth(month).fromMs);
    const { before, all } = await this.#logs.totalsAt(logOf(shopper), starts);
    return {
      months: months.map((month, index) => ({
        month,
        totals: totalsSince(before[index] ?? all, before[index + 1] ?? all),
      })),
    };
  }

  async find(shopper: string, purchaseId: string): Promise<RecordedPurchase | undefined> {
    const found = await this.#find(shopper, purchaseId);
    return found && recordedPurchase(found);
  }

  /** As `find`, with the event that brought the purchase, if it was kept. */
  async findWithEvent(shopper: string, purchaseId: string): Promise<PurchaseDetails | undefined> {
    const found = await this.#find(shopper, purchaseId);
    if (found === undefined) return undefined;
    const recorded = recordedPurchase(found);
    const { event } = found.entry;
    if (event === undefined) return recorded;
    return { ...recorded, event: deliveredEvent(recorded.purchase, event) };
  }

  #find(shopper: string, purchaseId: string): Promise<Recorded<Entry> | undefined> {
    return this.#logs.find(logOf(shopper), purchaseId, purchaseIdTimeMs(purchaseId));
  }

  /** All purchases of a shopper, oldest first. */
  async *ofShopper(shopper: string): AsyncGenerator<RecordedPurchase> {
    for await (const recorded of this.#logs.entries(logOf(shopper))) yield recordedPurchase(recorded);
  }

  /** Erases what a shopper placed until now, also what is delivered later; gives how many purchases were there. */
  erase(shopper: string): Promise<number> {
    return this.#logs.eraseAll(logOf(shopper));
  }
}

function historyPage(page: LogPage<Entry>): HistoryPage {
  // A history is erased as a whole: before an erased purchase there is none that is left.
  const next = page.items.some(({ entry }) => entry === null) ? undefined : page.next;
  return {
    purchases: entriesOf(page).map(recordedPurchase),
    totals: page.totals,
    ...(next === undefined ? {} : { next: writeFrom({ place: next, towards: 'older' }) }),
    ...(page.previous === undefined
      ? {}
      : { previous: writeFrom({ place: page.previous, towards: 'newer' }) }),
  };
}

function recordedPurchase({ entry, recordedAt }: Recorded<Entry>): RecordedPurchase {
  const { event: _event, ...purchase } = entry;
  return { purchase, recordedAt };
}

function logOf(shopper: string): string {
  return `history:${shopper}`;
}
