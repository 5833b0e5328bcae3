/**
 * For how many days a broker keeps an event, recorded or not. Every broker that keeps recorded events is configured with this
 * number. It is also how long the purchase-service may be stopped before an accepted purchase is lost.
 */
export const eventRetentionDays = 13;

/** After how many days no broker has an event any more. Kafka removes whole segments, each of up to a day. */
export const eventRemovalDays = eventRetentionDays + 1;

const dayMs = 24 * 60 * 60 * 1000;

export const eventRetentionMs = eventRetentionDays * dayMs;

export const eventRemovalMs = eventRemovalDays * dayMs;

/** The longest time that a Kafka segment may collect events, so that they are removed in time. */
export const eventSegmentMs = eventRemovalMs - eventRetentionMs;
