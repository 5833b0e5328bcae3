import type { Component } from '../runner/resource-documents.js';
import { addressOf, serverComponentOf } from './component-address.js';

/**
 * Makes sure that the broker of a component has the topics, streams, queues or sessions that purchases need, and keeps
 * existing ones. Rejects when one of them has the wrong settings.
 */
export async function provisionBroker(component: Component): Promise<void> {
  const address = addressOf(component);
  if (address !== undefined) await serverComponentOf(component.type)?.provision?.(address.text);
}
