import { expect, test } from '@jest/globals';
import { simulateReplicas } from './simulate-replicas.js';

const costs = { createMs: [4, 6, 5], readMs: [2, 3], threadMs: 0.5 };
const work = { partitions: 20, purchases: 400 };

test('replicas with shards of their own never race, and those that share some do', async () => {
  const claimed = await simulateReplicas(costs, { replicas: 8, isClaimed: true, ...work });
  expect(claimed).toMatchObject({ shards: 8, refusedPerHundred: 0 });
  const shared = await simulateReplicas(costs, { replicas: 8, isClaimed: false, ...work });
  expect(shared.shards).toBeLessThan(8);
  expect(shared.refusedPerHundred).toBeGreaterThan(0);
});

test('the same costs give the same result', async () => {
  const options = { replicas: 2, isClaimed: true, ...work };
  expect(await simulateReplicas(costs, options)).toEqual(await simulateReplicas(costs, options));
});
