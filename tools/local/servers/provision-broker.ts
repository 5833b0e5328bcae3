import { components } from '@unity-purchase/contracts';
import type { Component } from '../runner/resource-documents.js';
import { addressOf, serverComponentOf } from './component-address.js';

/**
 * Makes sure that the broker of these components has the topics, streams, queues or sessions that purchases need, keeps existing
 * ones, and changes the settings that differ from the components'. Rejects when one of them has a wrong setting that cannot be
 * changed. Components of stores are skipped.
 */
export async function provisionBroker(all: readonly Component[]): Promise<void> {
  const each = async (act: (component: Component, address: string) => Promise<void> | undefined) => {
    for (const component of all) {
      const address = addressOf(component);
      if (address !== undefined) await act(component, address.text);
    }
  };
  await each(({ name, type }, address) =>
    name === components.pubsub ? serverComponentOf(type)?.provision?.(address) : undefined,
  );
  // Afterwards, because a consumer needs its stream.
  await each((component, address) => serverComponentOf(component.type)?.align?.(address, component));
}
