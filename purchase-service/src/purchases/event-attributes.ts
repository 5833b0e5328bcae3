import type { PurchasePlaced } from '@unity-purchase/contracts';
import { asciiJson } from '@unity-purchase/service-kit';
import { wireBytes } from '../log/segment.js';

/** A delivered event without its data: what the publisher and Dapr say about it. */
export type EventAttributes = Record<string, unknown>;

/** What of an event is kept with its purchase at most; a segment is to hold the largest purchase and this. */
export const attributesBytesMax = 2 * 1024;

const essential = [
  ...['specversion', 'id', 'source', 'type', 'subject'],
  ...['time', 'datacontenttype', 'traceparent'],
];

/** The attributes of an event, as many as may be kept: all of them, or what every event has, or none. */
export function attributesToKeep(event: PurchasePlaced): EventAttributes | undefined {
  const { data: _data, ...all } = event;
  const few = Object.fromEntries(Object.entries(all).filter(([name]) => essential.includes(name)));
  return [all, few].find((attributes) => wireBytes(asciiJson(attributes)) <= attributesBytesMax);
}
