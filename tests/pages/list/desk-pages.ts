import type { Purchase } from '@unity-purchase/contracts';
import type { DemandingRecords } from '../demanding-records.js';
import { follow, inTurn, submit, type, unfold } from '../page-steps.js';
import type { ShopPage } from '../shop-page.js';

const guess = inTurn(type('token', 'guessed'), submit('/operators/sign-in'));
const older = follow('main a[rel=next]');

const overview = { path: '/operators', as: 'operator' } as const;
const purchases = { path: '/operators/purchases', as: 'operator' } as const;
const letters = { path: '/operators/dead-letters', as: 'operator' } as const;
const log = { path: '/operators/audit-log', as: 'operator' } as const;

/** The operators' desk. */
export function deskPages(records: DemandingRecords): ShopPage[] {
  const event = ({ shopper, purchaseId }: Purchase) =>
    ({
      path: `/operators/purchases/${purchaseId}?${new URLSearchParams({ shopper: shopper.id }).toString()}`,
      as: 'operator',
    }) as const;
  const letter = (name: keyof typeof records.letters) =>
    ({ path: `/operators/dead-letters/${records.letters[name]}`, as: 'operator' }) as const;
  return [
    { name: 'desk-sign-in', path: '/operators/sign-in' },
    { name: 'desk-sign-in-refused', path: '/operators/sign-in', act: guess, status: 403 },

    // Visits of the other pages would be the newest entries.
    { ...log, name: 'audit-log' },
    { ...log, name: 'audit-log-views', path: '/operators/audit-log?kind=views' },
    { ...log, name: 'audit-log-views-older', path: '/operators/audit-log?kind=views', act: older },

    { ...overview, name: 'desk', during: 'load' },
    { ...overview, name: 'desk-quiet' },
    { ...overview, name: 'desk-paused', path: '/operators?updates=off' },
    { ...overview, name: 'desk-not-found', path: '/operators/nothing', status: 404 },
    { ...overview, name: 'desk-search', path: '/operators/search?q=ada' },
    { ...overview, name: 'desk-search-nothing', path: '/operators/search?q=nobody-by-this-name' },
    { ...overview, name: 'desk-search-empty', path: '/operators/search' },
    { ...overview, name: 'demo', path: '/operators/demo' },
    { ...overview, name: 'desk-nothing-is-delivered', during: 'nothingIsDelivered' },
    { ...overview, name: 'desk-no-purchase-service', during: 'noPurchaseService' },
    { ...overview, name: 'desk-no-sidecar', during: 'noStorefrontSidecar' },
    { ...overview, name: 'desk-no-broker', during: 'noBroker' },

    { ...purchases, name: 'desk-purchases' },
    { ...purchases, name: 'desk-purchases-older', act: older },
    { ...purchases, name: 'desk-purchases-of-one', path: '/operators/purchases?shopper=ada-1815' },
    { ...purchases, name: 'desk-purchases-none', path: '/operators/purchases?shopper=nobody' },
    { ...purchases, name: 'desk-mistakes', path: '/operators/purchases?purchase=12&before=now', status: 400 },
    { ...purchases, name: 'desk-purchases-unavailable', during: 'noPurchaseService', status: 503 },
    { ...event(records.recorded), name: 'desk-purchase' },
    { ...event(records.longest), name: 'desk-purchase-long' },
    { ...event(records.erased), name: 'desk-purchase-unknown', status: 404 },

    { ...letters, name: 'dead-letters' },
    { ...letters, name: 'dead-letters-filter', act: unfold },
    { ...letters, name: 'dead-letters-replayed', path: '/operators/dead-letters?list=replayed' },
    { ...letters, name: 'dead-letters-discarded', path: '/operators/dead-letters?list=discarded' },
    { ...letters, name: 'dead-letters-recorded', path: '/operators/dead-letters?list=recorded' },
    { ...letters, name: 'dead-letters-none', path: '/operators/dead-letters?before=2020-01-01T00:00' },
    { ...letters, name: 'dead-letter-replays', path: '/operators/dead-letter-replays?replayed=1' },
    {
      ...letters,
      name: 'dead-letter-discard',
      path: `/operators/dead-letters/${records.letters.waiting}/discard`,
    },
    { ...letters, name: 'dead-letters-unavailable', during: 'noPurchaseService', status: 503 },
    { ...letter('waiting'), name: 'dead-letter' },
    { ...letter('contradictsRecord'), name: 'dead-letter-contradicts' },
    { ...letter('invalid'), name: 'dead-letter-invalid' },
    { ...letter('manyProblems'), name: 'dead-letter-many-problems' },
    { ...letter('unreadable'), name: 'dead-letter-unreadable' },
    { ...letter('binary'), name: 'dead-letter-binary' },
    { ...letter('tooLarge'), name: 'dead-letter-too-large' },
    { ...letter('replayed'), name: 'dead-letter-replayed' },
    { ...letter('discarded'), name: 'dead-letter-discarded' },
    { ...letter('recordedSince'), name: 'dead-letter-recorded-since' },
    {
      ...letters,
      name: 'dead-letter-unknown',
      path: `/operators/dead-letters/${'0'.repeat(32)}`,
      status: 404,
    },
  ];
}
