import {
  clockDifferenceMaxMs,
  currencySchema,
  purchaseFingerprint,
  purchaseIdSchema,
  purchaseIdTimeMs,
  purchaseSchema,
  shopperKey,
  yearsMax,
  type HistoryPage,
  type Purchase,
  type PurchaseDetails,
  type RecordedPurchase,
  type Spending,
} from '@unity-purchase/contracts';
import {
  decodeCursor,
  encodeCursor,
  entriesOf,
  NumberedLogs,
  onTimeMemoryMs,
  totalsSince,
  type AppendOutcome,
  type Damage,
  type LogDefinition,
  type LogPage,
  type LogStore,
  type ReadFrom,
  type RecordedEntry,
  type RepairOptions,
} from '@unity-purchase/numbered-log';
import { z } from 'zod';
import { intersection, lastMonths, lastYears, periodOfMonth, periodOfYear, type Period } from './calendar.js';
import { apiTotals } from './api-totals.js';
import { deliveredEvent, type EventAttributes } from './event-attributes.js';
import { journalPlaceSchema, type JournalPlace } from './journal-place.js';
import { collectMatches } from './collect-matches.js';
import { purchaseMatcher, timesOfNumber } from './match-purchase.js';

/**
 * A purchase with the other attributes of its event, and where it is in the journal. Purchases that version 0.1.0 recorded have
 * no place.
 */
const entrySchema = purchaseSchema.safeExtend({
  event: z.record(z.string(), z.unknown()).optional(),
  journal: journalPlaceSchema.optional(),
});

type Entry = z.infer<typeof entrySchema>;

const definition: LogDefinition<Entry> = {
  schema: entrySchema,
  idOf: ({ purchaseId }) => purchaseId,
  fingerprintOf: purchaseFingerprint,
  createdAtMsOf: ({ purchaseId }) => purchaseIdTimeMs(purchaseId),
  // The latest time it may have been by the clock of an erasure: what is in doubt is recorded.
  happenedAtMsOf: ({ placedAt }) => Date.parse(placedAt) + clockDifferenceMaxMs,
  amountOf: ({ total }) => ({ amount: total.amount, unit: total.currency }),
  unitSchema: currencySchema,
  rememberedMs: onTimeMemoryMs,
  duplicates: 'detected',
};

/** A recorded purchase, and where it is in the journal if this is known. */
export type PlacedPurchase = RecordedPurchase & { journal: JournalPlace | undefined };

/** How many purchases a page has when all of them are read. */
const pageLength = 100;

/** How many purchases one request of a search looks through: about ten calls of the store. */
const searchedMax = 1_000;

/** What a search returns: at most `limit` purchases, before a cursor, and recorded in a period. */
export type SearchOptions = {
  limit: number;
  cursor?: string | undefined;
  period?: Period | undefined;
  signal?: AbortSignal | undefined;
};

/** How many pages without a purchase are skipped. If even more are empty, an empty page says where older ones continue. */
const emptyPagesMax = 3;

/**
 * The histories: one log for each shopper, the source of truth about purchases. Shoppers are identified by their key.
 *
 * Every method throws the store's error if the store is unavailable.
 */
export class PurchaseHistory {
  readonly #logs: NumberedLogs<Entry>;
  readonly #now: () => Date;

  constructor(store: LogStore, now: () => Date) {
    this.#now = now;
    this.#logs = new NumberedLogs(store, definition, now);
  }

  /** How many ids and segments this process remembers of all histories. */
  get remembered(): number {
    return this.#logs.remembered;
  }

  /**
   * Records a purchase once, with the attributes of its event if there are any to store, and with its place in the journal.
   *
   * @throws LogUnavailableError
   */
  append(purchase: Purchase, event?: EventAttributes, journal?: JournalPlace): Promise<AppendOutcome> {
    const entry = {
      ...purchase,
      ...(event === undefined ? {} : { event }),
      ...(journal === undefined ? {} : { journal }),
    };
    return this.#logs.append(logOf(shopperKey(purchase.shopper.id)), entry);
  }

  /**
   * A page of all purchases, or of those recorded in a period, newest first. The totals are always those of all purchases.
   * Towards newer purchases the page is full, or else it is the newest page.
   *
   * @throws InvalidCursorError if the cursor does not come from a page of this history and period
   */
  async page(
    shopper: string,
    limit: number,
    cursor: string | undefined,
    period?: Period,
  ): Promise<HistoryPage> {
    const [from] = decodeCursor(cursor, 1, ['older', 'newer']);
    const read = (start: ReadFrom | undefined) =>
      period === undefined
        ? this.#logs.page(logOf(shopper), limit, start)
        : this.#logs.pageBetween(logOf(shopper), limit, period, start);
    let page = await read(from);
    // A repair leaves segments with nothing in them, and older purchases before them.
    for (let pages = 0; pages < emptyPagesMax && isEmptied(page) && page.next !== undefined; pages += 1)
      page = { ...(await read({ position: page.next, direction: 'older' })), previous: page.previous };
    return historyPage(page);
  }

  /**
   * A page of the purchases that match a text, newest first: see `purchaseMatcher`. It looks through a limited number of purchases, says
   * how far it came, and continues there with the cursor `next`. A purchase id is found whenever it was recorded. If the text can be
   * the first part of one, the purchases recorded around the time in it are looked through first. Aborting the signal cancels it.
   *
   * @throws InvalidCursorError if the cursor does not come from a page of a search in this history and period
   */
  async search(
    shopper: string,
    text: string,
    { limit, cursor, period, signal }: SearchOptions,
  ): Promise<HistoryPage> {
    const [from] = decodeCursor(cursor, 1);
    const id = purchaseIdSchema.safeParse(text).data;
    if (from === undefined && id !== undefined) return this.#searchId(shopper, id, period, signal);
    const matches = purchaseMatcher(text);
    const search = (between: Period | undefined) =>
      collectMatches(
        this.#logs.pages(logOf(shopper), pageLength, { before: from?.position, between, signal }),
        ({ entry }) => matches(entry),
        { limit, searchedMax },
      );
    const times = from === undefined ? timesOfNumber(text, this.#now().getTime()) : undefined;
    if (times !== undefined) {
      const { found, totals } = await search(intersection(times, period));
      if (found.length > 0) return { purchases: found.map(recordedPurchase), totals: apiTotals(totals) };
    }
    const { found, totals, next, searched } = await search(period);
    return {
      purchases: found.map(recordedPurchase),
      totals: apiTotals(totals),
      ...(next === undefined ? {} : { next: encodeCursor([next], 'older') }),
      searched,
    };
  }

  async #searchId(
    shopper: string,
    id: string,
    { fromMs = -Infinity, toMs = Infinity }: Partial<Period> = {},
    signal: AbortSignal | undefined,
  ): Promise<HistoryPage> {
    const [found, { totals }] = await Promise.all([
      this.find(shopper, id, signal),
      this.page(shopper, 1, undefined),
    ]);
    const recordedMs = found === undefined ? NaN : Date.parse(found.recordedAt);
    const isInPeriod = recordedMs >= fromMs && recordedMs < toMs;
    return { purchases: found !== undefined && isInPeriod ? [found] : [], totals };
  }

  /**
   * The totals of each of `count` months, oldest first, up to and including that of the time `until`, and of each of the last years
   * with a purchase.
   */
  async months(shopper: string, count: number, until = this.#now()): Promise<Spending> {
    const months = lastMonths(until, count).map((month) => ({ month, ...periodOfMonth(month) }));
    const years = lastYears(this.#now(), yearsMax).map((year) => ({ year, ...periodOfYear(year) }));
    const times = [...new Set([...months, ...years].flatMap(({ fromMs, toMs }) => [fromMs, toMs]))];
    const { before, all } = await this.#logs.totalsAt(logOf(shopper), times);
    const totalsBefore = new Map(times.map((timeMs, index) => [timeMs, before[index]]));
    const totalsOf = ({ fromMs, toMs }: Period) =>
      apiTotals(totalsSince(totalsBefore.get(fromMs) ?? all, totalsBefore.get(toMs) ?? all));
    return {
      months: months.map(({ month, ...period }) => ({ month, totals: totalsOf(period) })),
      years: years
        .map(({ year, ...period }) => ({ year, totals: totalsOf(period) }))
        .filter(({ totals }) => totals.count > 0),
    };
  }

  /** Finds a purchase by its id, whenever it was recorded. Aborting the signal cancels the search. */
  async find(
    shopper: string,
    purchaseId: string,
    signal?: AbortSignal,
  ): Promise<RecordedPurchase | undefined> {
    const found = await this.#find(shopper, purchaseId, signal);
    return found && recordedPurchase(found);
  }

  /** Like `find`, with the event as it was delivered, if it is stored. */
  async findWithEvent(
    shopper: string,
    purchaseId: string,
    signal?: AbortSignal,
  ): Promise<PurchaseDetails | undefined> {
    const found = await this.#find(shopper, purchaseId, signal);
    if (found === undefined) return undefined;
    const recorded = recordedPurchase(found);
    const { event } = found.entry;
    if (event === undefined) return recorded;
    return { ...recorded, event: deliveredEvent(recorded.purchase, event) };
  }

  /** Like `find`, with the purchase's place in the journal. */
  async findPlaced(
    shopper: string,
    purchaseId: string,
    signal?: AbortSignal,
  ): Promise<PlacedPurchase | undefined> {
    const found = await this.#find(shopper, purchaseId, signal);
    return found && placedPurchase(found);
  }

  #find(
    shopper: string,
    purchaseId: string,
    signal: AbortSignal | undefined,
  ): Promise<RecordedEntry<Entry> | undefined> {
    return this.#logs.find(logOf(shopper), purchaseId, purchaseIdTimeMs(purchaseId), signal);
  }

  /**
   * All purchases of a shopper, oldest first, those of up to a hundred segments at a time. It begins at a segment, and says at which
   * one the rest begins.
   */
  async *ofShopper(
    shopper: string,
    first = 1,
  ): AsyncGenerator<{ purchases: PlacedPurchase[]; next: number }> {
    for await (const { entries, next } of this.#logs.entriesFrom(logOf(shopper), first))
      yield { purchases: entries.map(placedPurchase), next };
  }

  /** All purchases of a shopper, also if the history is damaged: see `NumberedLogs.inspect`. */
  async *inspect(
    shopper: string,
    signal?: AbortSignal,
  ): AsyncGenerator<{ purchases: PlacedPurchase[]; damages: Damage[] }> {
    for await (const { entries, damages } of this.#logs.inspect(logOf(shopper), 1, signal))
      yield { purchases: entries.map(placedPurchase), damages };
  }

  /**
   * Makes a damaged history usable again, without the purchases that were lost. Returns false if it changed nothing, because a
   * segment is not readable and is not to be replaced. @throws LogUnavailableError
   */
  repair(
    shopper: string,
    { replacesUnreadable }: Pick<RepairOptions, 'replacesUnreadable'>,
  ): Promise<boolean> {
    return this.#logs.repair(logOf(shopper), { replacesUnreadable, totals: 'entries' });
  }

  /** Forgets what this process knows of a history, so that a lost purchase can be recorded again. */
  forget(shopper: string): void {
    this.#logs.forget(logOf(shopper));
  }

  /** The name of a shopper's history in the store. */
  logOf(shopper: string): string {
    return logOf(shopper);
  }

  /** The purchases of a shopper that were recorded after the last erasure, newest first. */
  async *sinceErasure(shopper: string): AsyncGenerator<PlacedPurchase> {
    for (let page = await this.#logs.page(logOf(shopper), pageLength); ;) {
      yield* entriesOf(page).map(placedPurchase);
      if (page.next === undefined) return;
      page = await this.#logs.page(logOf(shopper), pageLength, { position: page.next, direction: 'older' });
    }
  }

  /**
   * Erases all purchases that the shopper has placed, including those that are delivered later. Returns the number of
   * purchases that were recorded. `before` gets the purchases, some at a time, before they are erased.
   */
  erase(shopper: string, before?: (purchases: PlacedPurchase[]) => Promise<void>): Promise<number> {
    return this.#logs.eraseAll(logOf(shopper), before && ((entries) => before(entries.map(placedPurchase))));
  }
}

function historyPage(page: LogPage<Entry>): HistoryPage {
  // Also of a page without purchases: after a repair, older ones can come before it.
  const { next } = page;
  return {
    purchases: entriesOf(page).map(recordedPurchase),
    totals: apiTotals(page.totals),
    ...(next === undefined ? {} : { next: encodeCursor([next], 'older') }),
    ...(page.previous === undefined ? {} : { previous: encodeCursor([page.previous], 'newer') }),
  };
}

/** Whether a page has entries, and all of them are erased. */
function isEmptied({ items }: LogPage<Entry>): boolean {
  return items.length > 0 && items.every(({ entry }) => entry === null);
}

function recordedPurchase({ entry, recordedAt }: RecordedEntry<Entry>): RecordedPurchase {
  const { event: _event, journal: _journal, ...purchase } = entry;
  return { purchase, recordedAt };
}

function placedPurchase(recorded: RecordedEntry<Entry>): PlacedPurchase {
  return { ...recordedPurchase(recorded), journal: recorded.entry.journal };
}

function logOf(shopper: string): string {
  return `history:${shopper}`;
}
