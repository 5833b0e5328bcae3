import {
  components,
  purchasePlaced,
  topics,
  type Purchase,
  type PurchasePlaced,
} from '@unity-purchase/contracts';
import { asciiJson, wireBytes } from '@unity-purchase/numbered-log';

/**
 * The attributes in which a delivered event differs from what the storefront publishes and Dapr adds. `null` is an attribute
 * that the event did not have. Most events keep only their trace: the usual attributes would be a third of what is stored.
 */
export type EventAttributes = Record<string, unknown>;

/** Upper bound for the event attributes stored with a purchase, in bytes. A segment must hold them with the largest purchase. */
export const attributesBytesMax = 2 * 1024;

/** The attributes to keep if not all of them fit: the publication's id and its trace. */
const essential = ['id', 'traceparent'];

/** The attributes of an event to store: all unusual ones, or only the essential ones, or none, depending on what fits. */
export function attributesToKeep(event: PurchasePlaced): EventAttributes | undefined {
  // This runs for every recorded event, so it copies only what it keeps.
  const usual = usualEvent(event.data, event['traceparent']);
  const all: EventAttributes = {};
  for (const name in event)
    if (name === 'traceparent' || usual[name] !== event[name]) all[name] = event[name];
  for (const name in usual) if (event[name] === undefined) all[name] = null;
  if (fits(all)) return all;
  const few = Object.fromEntries(Object.entries(all).filter(([name]) => essential.includes(name)));
  return fits(few) ? few : undefined;
}

/** A character that is not ASCII becomes six, and twelve in JSON inside JSON. */
const growthMax = 12;

function fits(kept: EventAttributes): boolean {
  return (
    JSON.stringify(kept).length * growthMax <= attributesBytesMax ||
    wireBytes(asciiJson(kept)) <= attributesBytesMax
  );
}

/** Rebuilds a purchase's event, as it was delivered, from its stored attributes. */
export function deliveredEvent(purchase: Purchase, kept: EventAttributes): Record<string, unknown> {
  const event = { ...usualEvent(purchase, kept['traceparent']), ...kept };
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null));
}

/** The event as the storefront publishes it in a trace and Dapr delivers it. */
function usualEvent(purchase: Purchase, traceparent: unknown): Record<string, unknown> {
  const event: Record<string, unknown> = purchasePlaced(purchase);
  event['pubsubname'] = components.pubsub;
  event['topic'] = topics.purchaseEvents;
  event['traceid'] = traceparent ?? null;
  event['traceparent'] = traceparent ?? null;
  event['tracestate'] = '';
  return event;
}
