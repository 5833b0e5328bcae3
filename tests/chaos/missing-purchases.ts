import { topics } from '@unity-purchase/contracts';
import type { TestBed } from '../conformance/test-bed.js';

/** More of them would only repeat what the first say. */
const describedMax = 5;

/**
 * Where the accepted purchases are that are not recorded, a line for each of the first: what the shop says about it, and whether
 * its event is in the topic or among the dead letters.
 */
export async function missingPurchasesText({ buyers, broker }: TestBed): Promise<string> {
  const [events, deadLetters] = await Promise.all([
    broker.messages(topics.purchaseEvents),
    broker.messages(topics.deadLetters),
  ]);
  const isIn = (messages: readonly string[], id: string) =>
    messages.filter((text) => text.includes(id)).length;
  const lines: string[] = [];
  for (const shopper of buyers.shoppers) {
    const recorded = new Set((await shopper.wholeHistory()).map(({ purchaseId }) => purchaseId));
    const missing = buyers.acceptedOrder(shopper).filter((accepted) => !recorded.has(accepted));
    for (const id of missing.slice(0, describedMax - lines.length)) {
      const status = await (await shopper.request(`/api/purchases/${id}`)).text();
      lines.push(
        `  ${id}: ${isIn(events, id)} times in the topic, ${isIn(deadLetters, id)} times among the dead letters; the shop says ${status}`,
      );
    }
    if (lines.length === describedMax) break;
  }
  return lines.join('\n');
}
