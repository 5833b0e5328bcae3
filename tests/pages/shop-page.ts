import type { PageStep } from './page-steps.js';
import type { VisitorName } from './prepare-shop.js';
import type { SituationName } from './situations.js';

/** A page of the shop, and how to get to it. */
export type ShopPage = {
  /** Names the page in results and files. */
  name: string;
  path: string;
  /** Who visits it; by default someone who is not signed in. */
  as?: VisitorName;
  /** What happens meanwhile; by default everything works. */
  during?: SituationName;
  /** What to do on the page before it is looked at. */
  act?: PageStep;
  /** Shows the page as it is printed. */
  media?: 'print';
  /** The status with which the page that is looked at is answered; by default 200. */
  status?: number;
};
