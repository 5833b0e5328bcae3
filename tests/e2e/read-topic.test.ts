import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { components, topics } from '@unity-purchase/contracts';
import { brokers, componentsOf, createCleanup } from '@unity-purchase/tools';
import type { BrokerClient } from '@unity-purchase/tools/test-clients';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** More than one batch of each broker. */
const count = 450;

const retaining = Object.entries(brokers).filter(([, { readTopic }]) => readTopic !== undefined);

test('brokers that delete what was recorded are not read', () => {
  expect(retaining.map(([name]) => name).sort()).toEqual(['jetstream', 'kafka', 'redis']);
});

describe.each(retaining)('the topic of %s', (name, { readTopic, address }) => {
  const cleanup = createCleanup();
  let system: TestSystem;
  let client: BrokerClient;

  beforeAll(async () => {
    system = cleanup.add(await startTestSystem({ broker: name, store: 'sqlite', apps: [] }));
    client = cleanup.add(await system.connectToBroker());
  }, 240_000);

  afterAll(cleanup.run, 60_000);

  const read = async (take: (events: string[]) => Promise<void>) => {
    const all = await componentsOf('broker', name, join(system.dataDir, 'resources'));
    const component = all.find((each) => each.name === components.pubsub);
    if (component === undefined) throw new Error('there is no component');
    await readTopic?.(component.metadata.get(address.key) ?? '', component, topics.purchaseEvents, take);
  };

  const readAll = async () => {
    const events: string[] = [];
    await read((some) => {
      expect(some.length).toBeLessThanOrEqual(200);
      events.push(...some);
      return Promise.resolve();
    });
    return events.map((event) => (JSON.parse(event) as { number: number }).number).sort((a, b) => a - b);
  };

  test('is read to its end, as often as it is asked for, and its consumers are not disturbed', async () => {
    expect(await readAll()).toEqual([]);
    const numbers = Array.from({ length: count }, (_, number) => number);
    await Promise.all(numbers.map((number) => client.publish(topics.purchaseEvents, { number })));
    const backlog = await client.backlog().catch(() => undefined);
    expect(await readAll()).toEqual(numbers);
    expect(await readAll()).toEqual(numbers);
    expect(await client.backlog().catch(() => undefined)).toEqual(backlog);
  }, 120_000);

  test('is not read further when taking an event fails', async () => {
    let taken = 0;
    const failing = read(() => {
      taken += 1;
      return Promise.reject(new Error('the service is away'));
    });
    await expect(failing).rejects.toThrow('the service is away');
    expect(taken).toBe(1);
  }, 60_000);
});
