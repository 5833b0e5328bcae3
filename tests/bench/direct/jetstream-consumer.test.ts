import { expect, test } from '@jest/globals';
import { componentsOf, projectRoot } from '@unity-purchase/tools';
import { limits } from './jetstream-consumer.js';

test('the consumer without a sidecar has as many events in flight as the component allows, for as long', async () => {
  const components = await componentsOf('broker', 'jetstream', projectRoot);
  const metadata = components.find(({ name }) => name === 'pubsub')?.metadata;
  expect(metadata?.get('maxAckPending')).toBe(String(limits.inFlightMax));
  expect(metadata?.get('ackWait')).toBe(`${limits.ackWaitMs / 1_000}s`);
});
