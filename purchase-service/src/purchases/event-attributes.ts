import {
  components,
  purchasePlaced,
  topics,
  type Purchase,
  type PurchasePlaced,
} from '@unity-purchase/contracts';
import { asciiJson, wireBytes } from '@unity-purchase/numbered-log';

/**
 * What a delivered event says beyond its purchase: those attributes that are not as the storefront publishes the purchase and
 * Dapr delivers it. `null` is one that the event did not have. Most keep nothing but their trace: what every event says
 * alike would otherwise be a third of what is stored.
 */
export type EventAttributes = Record<string, unknown>;

/** What of an event is kept with its purchase at most; a segment is to hold the largest purchase and this. */
export const attributesBytesMax = 2 * 1024;

/** Attributes that are kept where not all can be: which publication it was, and in which trace. */
const essential = ['id', 'traceparent'];

/** What is to be kept of an event, as much as may be: all that is not as usual, or the essential, or nothing. */
export function attributesToKeep(event: PurchasePlaced): EventAttributes | undefined {
  // Every event that is recorded comes through here: nothing is copied that need not be.
  const usual = usualEvent(event.data, event['traceparent']);
  const all: EventAttributes = {};
  for (const name in event)
    if (name === 'traceparent' || usual[name] !== event[name]) all[name] = event[name];
  for (const name in usual) if (event[name] === undefined) all[name] = null;
  if (fits(all)) return all;
  const few = Object.fromEntries(Object.entries(all).filter(([name]) => essential.includes(name)));
  return fits(few) ? few : undefined;
}

/** A character of the text becomes six where it is not ASCII, and twelve where it stands in JSON in JSON. */
const growthMax = 12;

function fits(kept: EventAttributes): boolean {
  return (
    JSON.stringify(kept).length * growthMax <= attributesBytesMax ||
    wireBytes(asciiJson(kept)) <= attributesBytesMax
  );
}

/** The event that brought a purchase, as it was delivered, from what was kept of it. */
export function deliveredEvent(purchase: Purchase, kept: EventAttributes): Record<string, unknown> {
  const event = { ...usualEvent(purchase, kept['traceparent']), ...kept };
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null));
}

/** The event as the storefront publishes it, in a trace, and Dapr delivers it. */
function usualEvent(purchase: Purchase, traceparent: unknown): Record<string, unknown> {
  const event: Record<string, unknown> = purchasePlaced(purchase);
  event['pubsubname'] = components.pubsub;
  event['topic'] = topics.purchaseEvents;
  event['traceid'] = traceparent ?? null;
  event['traceparent'] = traceparent ?? null;
  event['tracestate'] = '';
  return event;
}
