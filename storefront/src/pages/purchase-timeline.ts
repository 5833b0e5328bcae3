import type { AcceptedContent } from '../checkout/order-cookie.js';
import type { PurchaseStatus } from '../purchases/purchase-status.js';
import type { Texts } from '../texts/languages.js';

/** A step in the life of a purchase. `at` is when it happened, if that is known; `afterMs` how long after the order. */
export type TimelineStep = {
  name: string;
  state: 'done' | 'waiting' | 'stopped';
  at?: string | undefined;
  afterMs?: number;
};

/** The life of a purchase so far: placed, accepted by the broker, recorded. It is empty while nothing is known about the purchase. */
export function viewTimeline(
  status: PurchaseStatus,
  order: Pick<AcceptedContent, 'placedAt' | 'acceptedAt'> | undefined,
  { purchase: { steps, stepsAhead } }: Texts,
): TimelineStep[] {
  const { state } = status;
  if (state === 'unknown' || state === 'erased') return [];
  const recorded = 'recorded' in status ? status.recorded : undefined;
  const placedAt = recorded?.purchase.placedAt ?? order?.placedAt;
  const before: TimelineStep[] = [
    { name: steps.placed, state: 'done', at: placedAt },
    { name: steps.accepted, state: 'done', at: order?.acceptedAt },
  ];
  if (recorded !== undefined) {
    const { recordedAt, purchase } = recorded;
    // The clocks of two machines may differ.
    const afterMs = Math.max(0, Date.parse(recordedAt) - Date.parse(purchase.placedAt));
    return [...before, { name: steps.recorded, state: 'done', at: recordedAt, afterMs }];
  }
  if (state === 'discarded')
    return [...before, { name: stepsAhead.discarded, state: 'stopped', at: status.decidedAt }];
  return [
    ...before,
    { name: state === 'delayed' ? stepsAhead.delayed : stepsAhead.recorded, state: 'waiting' },
  ];
}
