/** The names of the storefront's counts in its activity. */
export const storefrontCounts = {
  accepted: 'accepted',
  notPlaced: 'not-placed',
  requests: 'requests',
} as const;

/** The names in the activity of the purchase-service. */
export const recordedCount = 'recorded';
export const retriedCount = 'retried';
export const freshnessDuration = 'freshness';
