import type { ActivityMetrics } from '@unity-purchase/service-kit';

/** The metrics whose recent changes `GET /api/activity` reports, by their names in the answer. */
export const activityMetrics: ActivityMetrics = {
  counters: {
    recorded: 'purchases_recorded_total',
    duplicates: 'purchase_duplicates_total',
    conflicts: 'purchase_conflicts_total',
    rejected: 'purchase_events_rejected_total',
    retried: 'purchase_events_retried_total',
    'dead-letters': 'dead_letters_total',
  },
  histograms: { freshness: 'purchase_freshness_seconds' },
};
