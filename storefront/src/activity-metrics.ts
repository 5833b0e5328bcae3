import type { ActivityMetrics } from '@unity-purchase/service-kit';
import { storefrontCounts } from './pages/desk-counts.js';

/** The metrics whose recent changes the operator desk shows. */
export const activityMetrics: ActivityMetrics = {
  counters: {
    [storefrontCounts.accepted]: 'purchases_accepted_total',
    [storefrontCounts.notPlaced]: 'purchases_not_placed_total',
    [storefrontCounts.requests]: 'http_requests_total',
  },
};
