import type { Currency, PartState, PurchaseLine, Shopper } from '@unity-purchase/contracts';
import { secondsLeft, versionOfDemo } from '../live/demo-updates.js';
import { demoEventsPath, recordedPurchasePath, type DemoQuery } from '../paths.js';
import type { StatusNow } from '../purchases/demo-purchase.js';

/** The pauses that the page offers, in seconds. */
export const pauseChoices = ['10', '30', '60'] as const;

/** A part as the page shows it. `left` is how many seconds it stays paused, undefined while it runs. */
export type PartView = Pick<PartState, 'part' | 'title'> & { left: number | undefined };

/** A step of a purchase: the time when it was reached, or whether it is known to be reached. */
export type StepView = {
  step: 'placed' | 'accepted' | 'recorded';
  isReached: boolean;
  at: string | undefined;
};

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
        steps: StepView[];
        /** The milliseconds from placing to recording. */
        recordedAfterMs: number | undefined;
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

function viewPurchase({ query, status, placedAtMs, buyer }: DemoInputs): DemoView['purchase'] {
  if (status === undefined || query.purchase === undefined) return undefined;
  const recorded = status.state === 'recorded' ? status.recorded : undefined;
  const proved = placedAtMs === undefined ? undefined : new Date(placedAtMs).toISOString();
  const placedAt = recorded?.purchase.placedAt ?? proved;
  const isAccepted = recorded !== undefined || placedAtMs !== undefined;
  return {
    purchaseId: query.purchase,
    state: status.state,
    isUnsure: status.state === 'accepted' && status.unsure,
    steps: [
      { step: 'placed', isReached: true, at: placedAt },
      { step: 'accepted', isReached: isAccepted, at: undefined },
      { step: 'recorded', isReached: recorded !== undefined, at: recorded?.recordedAt },
    ],
    recordedAfterMs:
      recorded && Math.max(0, Date.parse(recorded.recordedAt) - Date.parse(recorded.purchase.placedAt)),
    path: recorded && recordedPurchasePath(buyer.id, query.purchase),
  };
}
