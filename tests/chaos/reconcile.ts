import { purchasePlacedSchema, topics } from '@unity-purchase/contracts';
import { errorText } from '@unity-purchase/tools';
import { readInside } from '../conformance/inside.js';
import { waitForBacklog, type TestBed } from '../conformance/test-bed.js';
import { missingPurchasesText } from './missing-purchases.js';

/** How long recording may take after the last outage: brokers wait before they redeliver. */
const recordedWithinMs = 180_000;

/** The state after the system has recovered. */
export type Reconciled = {
  /** What broker and store hold, as text. */
  inside: string;
  /** Dead letters whose purchase is recorded nevertheless. */
  deadLettersRecorded: number;
  /** Milliseconds from placing a purchase to recording it. */
  freshnessMs: { median: number; longest: number };
};

/**
 * Waits until everything accepted is recorded, then checks the result. Every accepted purchase is once in its shopper's
 * history and in the journal, and nothing else is recorded. Totals are exact, logs are contiguous, the backlog is empty, and
 * no dead letter holds a lost purchase. Rejects with the first violation.
 */
export async function reconcile(testBed: TestBed): Promise<Reconciled> {
  const { buyers, broker } = testBed;
  await buyers.waitUntilRecorded(recordedWithinMs).catch(async (cause: unknown) => {
    throw new Error(`${errorText(cause)}\n${await missingPurchasesText(testBed)}`, { cause });
  });
  await waitForBacklog(testBed, recordedWithinMs, (count) => count === 0);
  await buyers.reconcile();
  const ages = await agesOf(testBed);
  const deadLetters = await broker.messages(topics.deadLetters);
  const unexplained = deadLetters.filter((text) => !ages.has(purchaseIdIn(text) ?? ''));
  if (unexplained.length > 0)
    throw new Error(
      `${unexplained.length} dead letters are of no recorded purchase; the first: ${unexplained[0]}`,
    );
  const inside = await testBed.whileStoreIsClosed(() => readInside(testBed));
  const sorted = [...ages.values()].sort((one, other) => one - other);
  return {
    inside,
    deadLettersRecorded: deadLetters.length,
    freshnessMs: { median: sorted[Math.floor(sorted.length / 2)] ?? 0, longest: sorted.at(-1) ?? 0 },
  };
}

/** Milliseconds from placing to recording, by purchase id. */
async function agesOf({ buyers }: TestBed): Promise<Map<string, number>> {
  const ages = new Map<string, number>();
  for (const shopper of buyers.shoppers)
    for (const { purchase, recordedAt } of await shopper.wholeRecord())
      ages.set(purchase.purchaseId, Date.parse(recordedAt) - Date.parse(purchase.placedAt));
  return ages;
}

function purchaseIdIn(text: string): string | undefined {
  try {
    return purchasePlacedSchema.safeParse(JSON.parse(text)).data?.data.purchaseId;
  } catch {
    return undefined;
  }
}
