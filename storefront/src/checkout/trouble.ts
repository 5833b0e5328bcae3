import type { PriceChange } from './submit-order.js';

/**
 * Why submitting an order did not lead to a purchase that is known to be accepted. `statusPath` is the page that says what happened
 * to the order, or to an earlier one.
 */
export type Trouble =
  | { kind: 'not-accepted' | 'not-confirmed' | 'id-used' | 'maybe-bought'; statusPath: string }
  | { kind: 'prices-changed'; changes: PriceChange[] }
  | { kind: 'items-unavailable'; titles: string[] }
  | { kind: 'expired' | 'outdated-page' };

export type TroubleKind = Trouble['kind'];
