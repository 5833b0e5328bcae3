import { createHash } from 'node:crypto';
import { shopperKey, sumOfLines, type Purchase } from '@unity-purchase/contracts';
import { purchaseIdAt } from './shop.js';
import type { EarlierLog, StoredValues } from './stored-values.js';

/** A shop that had customers before the schedule began. */
export type EarlierShop = 'empty' | 'busy shopper' | 'older version' | 'busy journal' | 'large totals';

export const earlierShops = ['busy shopper', 'older version', 'busy journal', 'large totals'] as const;

/** The shopper who bought much before the schedule began. */
export const earlierShopper = 'ada';

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** The attempt of a segment that this version wrote: see segment-lineage.ts. An older version wrote only the first part. */
const olderAttempt = '00000000-0000-4000-8000-000000000000';
const attempt = `${olderAttempt}/0/0`;
/** In the journal, it also says that the places of all entries are stored. */
const journalAttempt = `${attempt}/0`;

/** One purchase for each segment: the worst case for every search. */
const busyShopperSegments = 3_000;
const olderVersionSegments = 300;
const busyJournalSegments = 20_000;

/** After so many purchases of the largest amount, the next one exceeds 2^53. */
const largeTotalsSegments = 900_720;
const amountMax = 10_000_000_000;
const firstAmount = Number.MAX_SAFE_INTEGER - (largeTotalsSegments - 1) * amountMax;

/** A log whose segments are made once, for all schedules. They read few of its segments, and often the same. */
function kept({ length, segment }: EarlierLog): EarlierLog {
  const texts = new Map<number, string>();
  return {
    length,
    segment: (number) => {
      const text = texts.get(number) ?? segment(number);
      texts.set(number, text);
      return text;
    },
  };
}

const keptLogs = new Map<string, EarlierLog>();

/** Fills the store as the earlier shop left it. Returns the purchases of which the broker may have kept the events. */
export function fillStore(values: StoredValues, shop: EarlierShop, startMs: number): Purchase[] {
  const history = `history:${shopperKey(earlierShopper)}`;
  const add = (name: string, log: EarlierLog) => {
    const key = `${shop} ${name} ${startMs}`;
    const keptLog = keptLogs.get(key) ?? kept(log);
    keptLogs.set(key, keptLog);
    values.earlierLogs.set(name, keptLog);
  };
  const purchases =
    shop === 'busy shopper'
      ? { length: busyShopperSegments, delayMs: () => 200, attempt }
      : // It recorded some purchases hours after their ids were created, and left no markers.
        {
          length: olderVersionSegments,
          delayMs: (number: number) => (number % 7 === 0 ? 3 * hourMs : 200),
          attempt: olderAttempt,
        };
  if (shop === 'busy shopper' || shop === 'older version') {
    const recordedMs = (number: number) =>
      startMs - dayMs + number * Math.floor(dayMs / (purchases.length + 1));
    const purchase = (number: number) =>
      purchaseAt(0x100_000 + number, recordedMs(number) - purchases.delayMs(number), 100, 'EUR');
    add(history, {
      length: purchases.length,
      segment: (number) =>
        segmentText({ recordedMs: recordedMs(number), attempt: purchases.attempt }, [purchase(number)], {
          count: number,
          sums: { EUR: 100 * number },
        }),
    });
    return [1, 7, 70, 140, 280, purchases.length - 1, purchases.length].map(purchase);
  }
  // A long journal belongs to a long history: recording a purchase appends to both.
  if (shop === 'busy journal' || shop === 'large totals')
    add(journalOf('recorder-1'), {
      length: busyJournalSegments,
      segment: (number) => {
        const atMs = startMs - dayMs + number * Math.floor(dayMs / (busyJournalSegments + 1));
        const entry = {
          shopperId: `earlier-${number % 500}`,
          purchaseId: purchaseIdAt(atMs, number),
          total: { amount: 100, currency: 'EUR' },
        };
        return segmentText({ recordedMs: atMs + 200, attempt: journalAttempt }, [entry], {
          count: number,
          sums: { EUR: 100 * number },
        });
      },
    });
  if (shop === 'large totals') add(history, largeHistory(startMs));
  return [];
}

function largeHistory(startMs: number): EarlierLog {
  return {
    length: largeTotalsSegments,
    segment: (number) => {
      const atMs = startMs - 30 * dayMs - (largeTotalsSegments - number) * 60_000;
      const purchase = purchaseAt(number, atMs, number === 1 ? firstAmount : amountMax, 'JPY');
      return segmentText({ recordedMs: atMs + 200, attempt }, [purchase], {
        count: number,
        sums: { JPY: firstAmount + (number - 1) * amountMax },
      });
    },
  };
}

/** A purchase by the earlier shopper whose id was created at a time. */
export function purchaseAt(number: number, atMs: number, unitPrice: number, currency: string): Purchase {
  const lines = [{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice }];
  return {
    purchaseId: purchaseIdAt(atMs, number),
    shopper: { id: earlierShopper, name: 'A shopper' },
    lines,
    total: { amount: sumOfLines(lines), currency },
    placedAt: new Date(atMs).toISOString(),
  };
}

/** A segment as version 1 of the log writes it. */
function segmentText(
  { recordedMs, attempt: id }: { recordedMs: number; attempt: string },
  entries: readonly object[],
  totals: { count: number; sums: Record<string, number> },
): string {
  return JSON.stringify({
    version: 1,
    recordedAt: new Date(recordedMs).toISOString(),
    attempt: id,
    entries,
    totals,
  });
}

/** The shard of a replica: see purchase-journal.ts. */
function journalOf(instanceName: string): string {
  return `journal:${createHash('sha256').update(instanceName).digest().readUInt32BE(0) % 16}`;
}
