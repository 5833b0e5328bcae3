import { components, topics } from '@unity-purchase/contracts';
import type { Component } from '../runner/resource-documents.js';
import { addressOf, serverComponentOf } from './component-address.js';

/** The topic that the purchase-service reads through each component. */
const topicsRead: Readonly<Record<string, string>> = {
  [components.pubsub]: topics.purchaseEvents,
  [components.deadLetters]: topics.deadLetters,
};

/**
 * Makes sure that the broker of these components has the topics, streams, queues or sessions that purchases need, keeps existing
 * ones, and changes the settings that differ from the components'. Rejects when one of them has a wrong setting that cannot be
 * changed. Components of stores are skipped.
 */
export async function provisionBroker(all: readonly Component[]): Promise<void> {
  for (const component of all) {
    const address = addressOf(component);
    const topic = topicsRead[component.name];
    if (address === undefined || topic === undefined) continue;
    await serverComponentOf(component.type)?.provision?.(address.text, component, topic);
  }
}
