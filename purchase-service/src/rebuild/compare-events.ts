import { shopperKey, type PurchasePlaced, type RebuildEventsAnswer } from '@unity-purchase/contracts';
import { readForeignJson } from '@unity-purchase/service-kit';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import type { PurchaseHistory } from '../purchases/purchase-history.js';
import { readEvent } from '../purchases/read-event.js';
import type { RecordPurchase } from '../purchases/record-purchase.js';
import type { Erasures } from '../shoppers/erasures.js';
import { findBehindDamage } from './find-behind-damage.js';
import { isRecent } from './rebuild-options.js';
import { unlessDamaged } from './unless-damaged.js';

type Dependencies = {
  history: Pick<PurchaseHistory, 'find' | 'inspect' | 'forget'>;
  deadLetters: Pick<DeadLetters, 'stateOf'>;
  erasures: Pick<Erasures, 'check'>;
  recordPurchase: RecordPurchase;
  now: () => Date;
};

/** Compares events of the topic with the histories, and records the purchases that these lack if `isRepairing`. */
export type CompareEvents = (
  events: readonly string[],
  options: { isRepairing: boolean },
  signal?: AbortSignal,
) => Promise<RebuildEventsAnswer>;

/**
 * Creates the comparison of events with the histories. Recording is the same as for a delivery, so an event that is delivered at the
 * same time is recorded once. Decisions count: the event of a dead letter that waits for one, or was discarded, is left alone, and so is
 * one that happened before an erasure of its shopper, or may have.
 */
export function createCompareEvents({
  history,
  deadLetters,
  erasures,
  recordPurchase,
  now,
}: Dependencies): CompareEvents {
  return async (events, { isRepairing }, signal) => {
    const answer: RebuildEventsAnswer = { recorded: 0, skipped: 0, recent: 0, differences: [] };
    const read = events.map(eventIn);
    const behindDamage = new Map<string, ReturnType<typeof findBehindDamage>>();
    for (const event of read) {
      signal?.throwIfAborted();
      if (event === undefined) {
        answer.skipped += 1;
        continue;
      }
      const shopper = shopperKey(event.data.shopper.id);
      const isRecorded = async () => {
        const { purchaseId } = event.data;
        const found = await unlessDamaged(() => history.find(shopper, purchaseId, signal));
        if (found !== undefined) return true;
        const wanted = read.flatMap((other) =>
          other?.data.shopper.id === event.data.shopper.id ? other.data.purchaseId : [],
        );
        const all = behindDamage.get(shopper) ?? findBehindDamage(history, shopper, new Set(wanted), signal);
        behindDamage.set(shopper, all);
        return (await all).found.has(purchaseId);
      };
      // Unknown if the erasure or the dead letter cannot be read: then it is not recorded.
      const state = await unlessDamaged(() => stateOf(event, shopper, isRecorded, signal));
      if (state !== undefined && state !== 'lacking') answer[state] += 1;
      else
        answer.differences.push({
          kind: 'difference',
          in: 'history',
          difference: 'lacks',
          shopper,
          purchaseId: event.data.purchaseId,
          repaired: isRepairing && state !== undefined && (await record(event)),
        });
    }
    return answer;
  };

  async function stateOf(
    { data: { purchaseId, placedAt } }: PurchasePlaced,
    shopper: string,
    isRecorded: () => Promise<boolean>,
    signal: AbortSignal | undefined,
  ): Promise<'recorded' | 'skipped' | 'recent' | 'lacking'> {
    if (await isRecorded()) return 'recorded';
    // Bought shortly before an erasure, by clocks that may differ: it may be what was erased. A repair must not bring it back.
    if ((await erasures.check(shopper, placedAt, signal)) !== 'kept') return 'skipped';
    if (isRecent(placedAt, now())) return 'recent';
    signal?.throwIfAborted();
    const state = await deadLetters.stateOf(shopper, purchaseId, signal);
    // A replay was to record it, so if it is not there, it was lost.
    return state === 'waiting' || state === 'discarded' ? 'skipped' : 'lacking';
  }

  async function record(event: PurchasePlaced): Promise<boolean> {
    // This process may remember the purchase.
    history.forget(shopperKey(event.data.shopper.id));
    const outcome = await unlessDamaged(() => recordPurchase(event));
    return outcome === 'recorded' || outcome === 'duplicate';
  }
}

/** The event in a message of the topic, or undefined if it is not valid. */
function eventIn(text: string): PurchasePlaced | undefined {
  const json = readForeignJson(Buffer.from(text));
  const read = 'value' in json ? readEvent(json.value) : undefined;
  return read !== undefined && 'event' in read ? read.event : undefined;
}
