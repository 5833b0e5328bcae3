import { purchasePlaced, type Purchase, type PurchasePlaced } from '@unity-purchase/contracts';
import { asciiJson } from '@unity-purchase/service-kit';
import { wireBytes } from '../log/segment.js';

/**
 * What a delivered event says beyond its purchase: the attributes that publisher, broker and Dapr gave it, but for those that
 * the purchase tells by itself. `null` is one of those that the event did not have.
 */
export type EventAttributes = Record<string, unknown>;

/** What of an event is kept with its purchase at most; a segment is to hold the largest purchase and this. */
export const attributesBytesMax = 2 * 1024;

/** Attributes that are kept where not all can be: which publication it was, and in which trace. */
const essential = ['id', 'traceparent'];

/** What is to be kept of an event, as much as may be: all that its purchase does not tell, or the essential, or nothing. */
export function attributesToKeep(event: PurchasePlaced): EventAttributes | undefined {
  const { data, ...delivered } = event;
  const told = toldBy(data);
  const all: EventAttributes = {};
  for (const [name, value] of Object.entries(delivered)) if (told[name] !== value) all[name] = value;
  for (const name of Object.keys(told)) if (delivered[name] === undefined) all[name] = null;
  const few = Object.fromEntries(Object.entries(all).filter(([name]) => essential.includes(name)));
  return [all, few].find((kept) => wireBytes(asciiJson(kept)) <= attributesBytesMax);
}

/** The event that brought a purchase, as it was delivered, from what was kept of it. */
export function deliveredEvent(purchase: Purchase, kept: EventAttributes): Record<string, unknown> {
  const attributes = Object.entries({ ...toldBy(purchase), ...kept }).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(attributes), data: purchase };
}

/** The attributes that every event of a purchase has; each publication has an id of its own. */
function toldBy(purchase: Purchase): Record<string, unknown> {
  const { id: _id, data: _data, ...attributes } = purchasePlaced(purchase);
  return attributes;
}
