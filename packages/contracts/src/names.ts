/** Names that two parts of the system must agree on. Everything else that has a name keeps it to itself. */

export const appIds = { storefront: 'storefront', purchaseService: 'purchase-service' } as const;

/** Dapr components are named for their role, whatever stands behind them. */
export const components = {
  pubsub: 'pubsub',
  deadLetters: 'dead-letters',
  stateStore: 'statestore',
  secrets: 'secrets',
} as const;

export const topics = {
  purchaseEvents: 'purchase-events',
  deadLetters: 'purchase-events-dead-letters',
} as const;

/** Where the purchase-service takes events; `components/common/` names the same paths in its subscriptions. */
export const eventRoutes = { purchases: '/events/purchases', deadLetters: '/events/dead-letters' } as const;
