import { purchasePlacedSchema, topics } from '@unity-purchase/contracts';
import { readInside } from '../conformance/inside.js';
import { waitForBacklog, type Lab } from '../conformance/lab.js';

/** After the last outage: brokers wait before they deliver again, and what came last may come after all else. */
const recordedWithinMs = 180_000;

/** What was found when everything was well again. */
export type Reconciled = {
  /** What broker and store hold, in words. */
  inside: string;
  /** Events in the dead letters whose purchase is recorded all the same. */
  deadLettersRecorded: number;
  /** From the placing of a purchase to its record, in milliseconds. */
  freshnessMs: { median: number; longest: number };
};

/**
 * Waits until everything accepted is recorded, and compares, to the letter: every accepted purchase once in its shopper's
 * history and in the journal, nothing that was never sent, totals that are the sums, logs without a gap, nothing waiting, and
 * no dead letter that tells of a lost purchase. Rejects with the first thing that is not so.
 */
export async function reconcile(lab: Lab): Promise<Reconciled> {
  const { buyers, broker } = lab;
  await buyers.waitUntilRecorded(recordedWithinMs);
  await waitForBacklog(lab, recordedWithinMs, (count) => count === 0);
  await buyers.reconcile();
  const ages = await agesOf(lab);
  const deadLetters = await broker.messages(topics.deadLetters);
  const unexplained = deadLetters.filter((text) => !ages.has(purchaseIdIn(text) ?? ''));
  if (unexplained.length > 0)
    throw new Error(
      `${unexplained.length} dead letters are of no recorded purchase; the first: ${unexplained[0]}`,
    );
  const inside = await lab.whileStoreIsClosed(() => readInside(lab));
  const sorted = [...ages.values()].sort((one, other) => one - other);
  return {
    inside,
    deadLettersRecorded: deadLetters.length,
    freshnessMs: { median: sorted[Math.floor(sorted.length / 2)] ?? 0, longest: sorted.at(-1) ?? 0 },
  };
}

/** How long each recorded purchase took from its placing to its record, by id. */
async function agesOf({ buyers }: Lab): Promise<Map<string, number>> {
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
