import { describe, expect, test } from '@jest/globals';
import { describeCapacity, needed, parseQuantity, requireCapacity } from './capacity.js';
import type { Programs } from './programs.js';

const node = (allocatable: Record<string, unknown>, unschedulable?: boolean) => ({
  spec: { unschedulable },
  status: { allocatable },
});
const pod = (namespace: string, requests?: Record<string, string>, phase = 'Running') => ({
  metadata: { namespace },
  status: { phase },
  spec: { containers: [{ resources: { requests } }] },
});
const large = { cpu: '4', memory: '8Gi', 'ephemeral-storage': '40Gi' };

function clusterOf(nodes: unknown[], pods: unknown[]): Programs {
  return {
    read: (_program, args) =>
      Promise.resolve(JSON.stringify({ items: args.includes('nodes') ? nodes : pods })),
    show: () => Promise.reject(new Error('nothing is run')),
    forward: () => Promise.reject(new Error('nothing is forwarded')),
  };
}

const check = (nodes: unknown[], pods: unknown[] = []) =>
  requireCapacity(clusterOf(nodes, pods), 'kind-shop', ['purchase-system']);

describe('the capacity of a cluster', () => {
  test('is what the pods of others leave of all nodes', async () => {
    const half = { cpu: '2', memory: '4Gi', 'ephemeral-storage': '20Gi' };
    const pods = [
      pod('kube-system', { cpu: '500m', memory: '512Mi' }),
      pod('kube-system'),
      pod('purchase-system', { cpu: '3' }),
      pod('default', { cpu: '3' }, 'Succeeded'),
    ];
    expect(await check([node(half), node(half), node(large, true)], pods)).toEqual({
      cores: 3.5,
      memoryGiB: 7.5,
      diskGiB: 40,
    });
  });

  test('is refused with everything that is missing', async () => {
    await expect(
      check([node({ cpu: '1900m', memory: '6039Mi', 'ephemeral-storage': '1Gi' })]),
    ).rejects.toThrow(
      `The cluster is too small: CPU cores 1.9 of ${needed.cores}, GiB of memory 5.8 of ${needed.memoryGiB}, GiB of disk in all 1 of ${needed.diskGiB}.`,
    );
  });

  test('counts what pods request', async () => {
    const pods = [pod('default', { memory: '3Gi' })];
    await expect(check([node(large)], pods)).rejects.toThrow('GiB of memory 5 of 6.');
  });

  test('is described in words', () => {
    expect(describeCapacity({ cores: 3.99, memoryGiB: 6, diskGiB: 15.01 })).toBe(
      '3.9 CPU cores, 6 GiB of memory, 15 GiB of disk in all',
    );
  });
});

test.each([
  ['500m', 0.5],
  ['2', 2],
  ['1.5', 1.5],
  ['64Ki', 65_536],
  ['8123456Ki', 8_318_418_944],
  ['1G', 1e9],
  ['1e3', 1_000],
  ['5E', 5e18],
  [undefined, 0],
])('%s is %d', (text, value) => {
  expect(parseQuantity(text)).toBeCloseTo(value);
});

test.each(['', 'much', '5Xi'])('"%s" is no quantity', (text) => {
  expect(() => parseQuantity(text)).toThrow('is not a quantity of Kubernetes');
});
