import { purchaseSchema, shopperKey, type Purchase } from '@unity-purchase/contracts';
import { inWords, isSameOrder } from './ledger.js';
import { readLogs, type StoredSegment } from './read-logs.js';
import type { Scene } from './schedule.js';

const historyPrefix = 'history:';
const journalPrefix = 'journal:';

/** How often all lists are read. They read every shard of the journal, which takes as long as everything else that is checked. */
const listingShare = 0.25;

/** Compares what is stored with what happened: the stored values themselves, not what the code under test says about them. */
export async function checkRecords(scene: Scene): Promise<void> {
  const { world, values, ledger, shop, earlierPurchases } = scene;
  const logs = readLogs(values, (problem) => {
    world.violated('segment numbers are contiguous', problem);
  });
  const recorded = new Map<string, Purchase[]>();
  for (const [log, segments] of logs) {
    if (!log.startsWith(historyPrefix)) continue;
    checkTotals(scene, log, segments, values.earlierLogs.get(log)?.length ?? 0);
    for (const entry of entriesIn(segments)) {
      const purchase = purchaseSchema.parse(entry);
      const key = `${log.slice(historyPrefix.length)} ${purchase.purchaseId}`;
      recorded.set(key, [...(recorded.get(key) ?? []), purchase]);
    }
  }
  for (const [key, purchases] of recorded) {
    const [purchase] = purchases as [Purchase];
    if (purchases.length > 1)
      world.violated('a purchase is recorded once', `${purchases.length} times: ${inWords(purchase)}`);
    if (earlierPurchases.some(({ purchaseId }) => purchaseId === purchase.purchaseId)) {
      world.violated('a purchase is recorded once', `again: ${inWords(purchase)}`);
      continue;
    }
    const orders = ledger.ordersOf(purchase.shopper.id, purchase.purchaseId);
    if (
      !key.startsWith(shopperKey(purchase.shopper.id)) ||
      !orders.some((order) => isSameOrder(order.purchase, purchase))
    )
      world.violated('only what was bought is recorded', inWords(purchase));
  }
  for (const orders of ledger.ids) {
    const { shopperId, purchaseId } = orders;
    const isRecorded = recorded.has(`${shopperKey(shopperId)} ${purchaseId}`);
    const [order] = orders.orders;
    const about = order === undefined ? '' : inWords(order.purchase);
    if (!isRecorded && ledger.mustBeRecorded(orders))
      world.violated(
        ledger.wasErased(shopperId)
          ? 'nothing is erased that was bought after the erasure'
          : 'an accepted purchase is recorded',
        about,
      );
    if (isRecorded && ledger.mustBeErased(orders)) world.violated('an erased purchase stays erased', about);
  }
  for (const purchase of earlierPurchases)
    recorded.set(`${shopperKey(purchase.shopper.id)} ${purchase.purchaseId}`, [purchase]);
  checkJournal(scene, logs, recorded);
  await checkReading(scene, recorded, shop.shoppers);
}

function* entriesIn(segments: readonly StoredSegment[]): Generator<object> {
  for (const { entries } of segments) for (const entry of entries) if (entry !== null) yield entry;
}

/** The totals of the newest segment are exactly the sum of the entries since the last erasure. */
function checkTotals(
  { world, values }: Scene,
  log: string,
  segments: readonly StoredSegment[],
  earlier: number,
): void {
  const last = segments.at(-1);
  if (last === undefined) return;
  const before = earlier === 0 ? undefined : values.earlierLogs.get(log)?.segment(earlier);
  let totals = before === undefined ? newTotals() : totalsOf((JSON.parse(before) as StoredSegment).totals);
  for (const { entries } of segments) {
    if (entries.length === 0) totals = newTotals();
    for (const entry of entries) {
      if (entry === null) continue;
      const { amount, currency } = (entry as Purchase).total;
      totals.count += 1n;
      totals.sums.set(currency, (totals.sums.get(currency) ?? 0n) + BigInt(amount));
    }
  }
  const stored = totalsOf(last.totals);
  if (text(stored) !== text(totals))
    world.violated('totals are exact', `${text(stored)} are stored, ${text(totals)} are right`);
}

type ExactTotals = { count: bigint; sums: Map<string, bigint> };

const newTotals = (): ExactTotals => ({ count: 0n, sums: new Map() });

function totalsOf({ count, sums }: StoredSegment['totals']): ExactTotals {
  return {
    count: BigInt(count),
    sums: new Map(Object.entries(sums).map(([unit, sum]) => [unit, BigInt(sum)])),
  };
}

function text({ count, sums }: ExactTotals): string {
  const amounts = [...sums].filter(([, sum]) => sum > 0n).sort(([one], [other]) => (one < other ? -1 : 1));
  return [`${count} purchases`, ...amounts.map(([unit, sum]) => `${sum} ${unit}`)].join(', ');
}

/** The journal holds what the histories hold, apart from repeats. */
function checkJournal(
  { world, earlierPurchases }: Scene,
  logs: ReadonlyMap<string, readonly StoredSegment[]>,
  recorded: ReadonlyMap<string, readonly Purchase[]>,
): void {
  const inJournal = new Set<string>();
  for (const [log, segments] of logs) {
    if (!log.startsWith(journalPrefix)) continue;
    for (const entry of entriesIn(segments)) {
      const { shopperId, purchaseId, total } = entry as Pick<Purchase, 'purchaseId' | 'total'> & {
        shopperId: string;
      };
      const key = `${shopperKey(shopperId)} ${purchaseId}`;
      inJournal.add(key);
      const [purchase] = recorded.get(key) ?? [];
      if (purchase?.total.amount !== total.amount || purchase.total.currency !== total.currency)
        world.violated(
          'the journal shows only what is in the histories',
          `it shows ${total.amount} ${total.currency} by ${JSON.stringify(shopperId)}, the history has ${
            purchase === undefined ? 'nothing' : inWords(purchase)
          }`,
        );
    }
  }
  for (const [key, [purchase]] of recorded)
    if (purchase !== undefined && !inJournal.has(key) && !earlierPurchases.includes(purchase))
      world.violated('the journal shows everything in the histories', inWords(purchase));
}

/** What is recorded can be read: the pages, the search for one purchase, and the export. */
async function checkReading(
  scene: Scene,
  recorded: ReadonlyMap<string, readonly Purchase[]>,
  shoppers: readonly string[],
): Promise<void> {
  const { world, recorders } = scene;
  const [reader] = recorders;
  if (reader === undefined) return;
  reader.restart(0);
  const { history, searchPurchases, shopperRecords } = reader.dependencies;
  const reads = async <Result>(what: string, work: Promise<Result>): Promise<Result | undefined> => {
    try {
      return await world.until(work);
    } catch (thrown) {
      world.violated('everything can be read when the store is healthy', `${what}: ${describe(thrown)}`);
      return undefined;
    }
  };
  for (const [id, [purchase]] of recorded) {
    if (purchase === undefined || scene.ledger.uneventful.has(id)) continue;
    const key = shopperKey(purchase.shopper.id);
    const found = await reads('a search', history.find(key, purchase.purchaseId));
    if (found === undefined) world.violated('a recorded purchase is found', inWords(purchase));
  }
  if (!world.choices.chance(listingShare)) return;
  await reads('the list of all purchases', searchPurchases({ limit: 20 }));
  for (const shopper of shoppers) {
    const key = shopperKey(shopper);
    await reads('a history', history.page(key, 20, undefined));
    if (scene.earlier === 'large totals') continue;
    await reads(
      'an export',
      (async () => {
        let lines = 0;
        for await (const _ of shopperRecords.export(key)) lines += 1;
        return lines;
      })(),
    );
  }
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause === undefined
    ? thrown.message
    : `${thrown.message}: ${describe(thrown.cause)}`.slice(0, 300);
}
