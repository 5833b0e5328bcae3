import { v7 } from 'uuid';
import type { DemandingRecords } from '../demanding-records.js';
import { buy, follow, unfold } from '../page-steps.js';
import type { ShopPage } from '../shop-page.js';

const here = { path: '/purchases', as: 'shopper' } as const;
const neverBought = '01900000-0000-7000-8000-000000000000';

/** A purchase in each of its states, and the history. */
export function historyPages(records: DemandingRecords): ShopPage[] {
  const of = (purchaseId: string) => ({ path: `/purchases/${purchaseId}`, as: 'shopper' }) as const;
  const recorded = of(records.recorded.purchaseId);
  return [
    { ...recorded, name: 'receipt' },
    { ...recorded, name: 'receipt-printed', media: 'print' },
    { ...of(records.longest.purchaseId), name: 'receipt-long' },
    { name: 'accepted', path: '/checkout', as: 'rightToLeft', during: 'nothingIsDelivered', act: buy() },
    { name: 'accepted-unsure', path: '/checkout', as: 'markup', during: 'noPurchaseService', act: buy() },
    { ...of(records.delayed.purchaseId), name: 'delayed' },
    { ...of(records.discarded.purchaseId), name: 'discarded' },
    { name: 'superseded', path: records.supersededPath, as: 'shopper' },
    { ...of(records.erased.purchaseId), name: 'erased', as: 'erased', status: 410 },
    { ...of(v7()), name: 'unknown', status: 404 },
    { ...of(neverBought), name: 'purchase-not-found', status: 404 },

    { ...here, name: 'history' },
    { ...here, name: 'history-printed', media: 'print' },
    { ...here, name: 'history-as-table', act: unfold },
    { ...here, name: 'history-older', act: follow('main a[rel=next]') },
    { ...here, name: 'history-month', act: follow('main a[href*="month="]') },
    { ...here, name: 'history-empty-month', path: '/purchases?month=2020-01' },
    { ...here, name: 'history-year', path: `/purchases?year=${new Date().getUTCFullYear()}` },
    { ...here, name: 'history-in-yen', path: '/purchases?currency=JPY' },
    { ...here, name: 'history-search', path: '/purchases?q=mug' },
    { ...here, name: 'history-search-nothing', path: '/purchases?q=unicorn' },
    { ...here, name: 'history-none', as: 'newcomer' },
    { ...here, name: 'history-erased', as: 'erased' },
    { ...here, name: 'history-long-name', as: 'longName' },
    { ...here, name: 'history-unavailable', during: 'noPurchaseService', status: 503 },
  ];
}
