/** Names that two parts of the system must agree on. */

export const appIds = { storefront: 'storefront', purchaseService: 'purchase-service' } as const;

/** Dapr components are named for their role, not for their broker or store. */
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

/** The paths to which events are delivered; the subscriptions in `components/common/` name the same paths. */
export const eventRoutes = { purchases: '/events/purchases', deadLetters: '/events/dead-letters' } as const;
