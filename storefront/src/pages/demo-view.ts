import type { Currency, PartState, PurchaseLine, Shopper } from '@unity-purchase/contracts';
import { secondsLeft, versionOfDemo } from '../live/demo-updates.js';
import { demoEventsPath, recordedPurchasePath, type DemoQuery } from '../paths.js';
import type { StatusNow } from '../purchases/demo-purchase.js';
import type { Texts } from '../texts/languages.js';
import { viewTimeline, type TimelineStep } from './purchase-timeline.js';

/** The pauses that the page offers, in seconds. */
export const pauseChoices = ['10', '30', '60'] as const;

/** A part as the page shows it. `left` is how many seconds it stays paused, undefined while it runs. */
export type PartView = Pick<PartState, 'part' | 'title'> & { left: number | undefined };

/** The content of the page "Watch it survive". */
export type DemoView = {
  /** Undefined if the local runner does not answer. */
  parts: PartView[] | undefined;
  chosen: { part: string | undefined; seconds: string };
  pauseChoices: readonly string[];
  query: DemoQuery;
  buyer: Shopper;
  /** A new order, or the one that was not confirmed, to send it again. Undefined if nothing is for sale in this currency. */
  order: { purchaseId: string; line: PurchaseLine; currency: Currency } | undefined;
  purchase:
    | {
        purchaseId: string;
        state: StatusNow['state'];
        isUnsure: boolean;
        /** Empty while nothing is known about it. */
        timeline: TimelineStep[];
        /** Its page at the desk, once it is recorded. */
        path: string | undefined;
      }
    | undefined;
  eventsPath: string;
  /** Whether something will change soon, so that a page without scripts reloads itself. */
  isWaiting: boolean;
};

export type DemoInputs = {
  parts: readonly PartState[] | undefined;
  query: DemoQuery;
  status: StatusNow | undefined;
  /** When the order was placed, if its proof says so. */
  placedAtMs: number | undefined;
  buyer: Shopper;
  line: PurchaseLine | undefined;
  currency: Currency;
  newPurchaseId: () => string;
  texts: Texts;
};

/** The page from the state of the parts and of its purchase. */
export function viewDemo(inputs: DemoInputs): DemoView {
  const { parts, query, status, buyer, line, currency } = inputs;
  const unconfirmed = status?.state === 'unknown' ? query.purchase : undefined;
  const isPaused = parts?.some(({ pausedMs }) => pausedMs !== undefined) ?? false;
  const { part, seconds } = query;
  return {
    parts: parts?.map(({ pausedMs, ...rest }) => ({
      part: rest.part,
      title: rest.title,
      left: pausedMs === undefined ? undefined : secondsLeft(pausedMs),
    })),
    chosen: {
      part: parts?.find((each) => each.part === part)?.part ?? parts?.[0]?.part,
      seconds: seconds ?? pauseChoices[0],
    },
    pauseChoices,
    query,
    buyer,
    order: line && { purchaseId: unconfirmed ?? inputs.newPurchaseId(), line, currency },
    purchase: viewPurchase(inputs),
    eventsPath: demoEventsPath(versionOfDemo(parts, status?.state), {
      purchase: query.purchase,
      accepted: query.accepted,
    }),
    isWaiting: isPaused || status?.state === 'accepted' || status?.state === 'unreadable',
  };
}

function viewPurchase({ query, status, placedAtMs, buyer, texts }: DemoInputs): DemoView['purchase'] {
  if (status === undefined || query.purchase === undefined) return undefined;
  const placedAt = placedAtMs === undefined ? undefined : new Date(placedAtMs).toISOString();
  const times = placedAt === undefined ? undefined : { placedAt, acceptedAt: undefined };
  return {
    purchaseId: query.purchase,
    state: status.state,
    isUnsure: status.state === 'accepted' && status.unsure,
    timeline: status.state === 'unreadable' ? [] : viewTimeline(status, times, texts),
    path: status.state === 'recorded' ? recordedPurchasePath(buyer.id, query.purchase) : undefined,
  };
}
