import { expect, test } from '@jest/globals';
import { replicasDocument } from './replicas-document.js';

test('the page shows what replicas cost, what limits them, and what claims save', () => {
  const measured = (replicas: number) => ({
    replicas,
    purchases: 1_000,
    seconds: 2,
    processorMs: { recorder: 600 * replicas, Kafka: 200 },
    shards: replicas,
    refused: replicas - 1,
    refusedMs: 0,
    moves: 0,
  });
  const simulated = (isClaimed: boolean, perSecond: number) => ({
    replicas: 8,
    isClaimed,
    shards: isClaimed ? 8 : 6,
    perSecond,
    refusedPerHundred: isClaimed ? 0 : 12.3,
    lostMsPerPurchase: isClaimed ? 0 : 0.5,
  });
  const text = replicasDocument({
    startedAt: '2026-01-02T03:04:05.678Z',
    machine: { Processor: '2 cores', Clients: 'not used here' },
    backlog: 1_000,
    partitions: 20,
    result: {
      measured: [measured(1), measured(2)],
      costs: { createMs: [3, 4, 5], readMs: [1, 2, 3], threadMs: 0.6 },
      simulated: [simulated(true, 1_470), simulated(false, 1_000)],
    },
  });
  expect(text).toMatch(/^\| purchases per second +\| +500 \| +500 \|$/m);
  expect(text).toMatch(/^\| busy cores +\| +0\.40 \| +0\.70 \|$/m);
  expect(text).toMatch(/^\| refused writes per 100 purchases +\| +0\.00 \| +0\.10 \|$/m);
  expect(text).toMatch(/^\| without claims: purchases per second +\| +1000 \|$/m);
  expect(text).toContain('a create 4.00 ms, a read 2.00 ms (p50)');
  expect(text).toContain('the largest part of their time is that of the recorder (86 %)');
  expect(text).not.toContain('not used here');
});
